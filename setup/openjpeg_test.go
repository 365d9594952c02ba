package main

import (
	"strings"
	"testing"
)

// TestOpenJPEG: installed where it may be, else a note and no error.
func TestOpenJPEG(t *testing.T) {
	t.Parallel()
	apt := map[string]string{"gcc": "x86_64-linux-gnu\n", "apt-get": ""}
	sudo := map[string]string{"gcc": "x86_64-linux-gnu\n", "apt-get": "", "sudo": ""}
	there := []string{"/usr/lib/x86_64-linux-gnu/libopenjp2.so.7"}
	for name, c := range map[string]struct {
		host      *tableHost
		ran, says string
	}{
		"there":     {&tableHost{answers: apt, root: true, paths: there}, "", ""},
		"root":      {&tableHost{answers: apt, root: true}, "apt-get install -y -q libopenjp2-7", ""},
		"sudo":      {&tableHost{answers: sudo}, "sudo -n apt-get install -y -q libopenjp2-7", ""},
		"no root":   {&tableHost{answers: apt}, "", "as root: apt-get install -y -q libopenjp2-7"},
		"no Debian": {&tableHost{answers: map[string]string{}}, "", "libopenjp2.so.7"},
	} {
		var out strings.Builder
		openjpeg(t.Context(), c.host, &out)
		installed := ""
		for _, command := range c.host.ran {
			if strings.Contains(command, "install") {
				installed = command
			}
		}
		if installed != c.ran || c.says == "" && out.Len() > 0 || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: ran %q and said %q, want %q and %q", name, installed, out.String(), c.ran, c.says)
		}
	}
}

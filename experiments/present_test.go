package experiments

import (
	"strings"
	"testing"
)

// TestPresent: what this program writes stays as it is; a run of a program that did not know a
// setting has its default; what cannot be read stays too.
func TestPresent(t *testing.T) {
	t.Parallel()
	e, _, err := Load("demo.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	now := string(Resolved(e))
	var older []string
	for _, line := range strings.Split(now, "\n") {
		if !strings.HasPrefix(strings.TrimSpace(line), "target_classes:") {
			older = append(older, line)
		}
	}
	for name, text := range map[string]string{"of this program": now, "of an older one": strings.Join(older, "\n")} {
		if got := string(Present(text)); got != now {
			t.Errorf("%s: %s", name, got)
		}
	}
	if len(older) == len(strings.Split(now, "\n")) {
		t.Error("nothing was left out")
	}
	if got := string(Present("what: nobody knows")); got != "what: nobody knows" {
		t.Errorf("got %q", got)
	}
}

package preprocess

import (
	"reflect"
	"strings"
	"testing"
)

// TestVersions: what a run notes of its steps is read again, and a step that works in another way is told.
func TestVersions(t *testing.T) {
	t.Parallel()
	steps := Config{{Name: "decode", Part: Decode{}}, {Name: "resize", Part: Resize{}}}
	now := steps.Versions()
	text := versionsText(now)
	if read, err := ReadVersions(text); err != nil || !reflect.DeepEqual(read, now) {
		t.Errorf("%q is read as %v, %v", text, read, err)
	}
	if read, err := ReadVersions(""); err != nil || read != nil {
		t.Errorf("of a run that noted none: %v, %v", read, err)
	}
	for _, bad := range []string{"decode", "decode x", "decode 3,resize 3,", "decode 3, "} {
		if read, err := ReadVersions(bad); err == nil && len(read) != 1 {
			t.Errorf("%q is read as %v", bad, read)
		}
	}
	older := append([]StepVersion(nil), now...)
	older[1].Version--
	for _, c := range []struct {
		was  []StepVersion
		want string
	}{
		{nil, ""}, {now, ""},
		{older, "the step resize of this program (version 3) makes other pixels than that of the one that wrote run a (version 2): predictions may differ a little; that program was p"},
		{[]StepVersion{now[1]}, "the steps of run a are not those of its experiment"},
		{append(now[:2:2], now[0]), "the steps of run a are not those of its experiment"},
	} {
		if got := strings.Join(steps.Changed(c.was, "run a", "p"), "\n"); got != c.want {
			t.Errorf("%v: got %q, want %q", c.was, got, c.want)
		}
	}
}

package stage

import "testing"

func TestFrameOf(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]struct {
		file  string
		frame int
	}{
		"a/heart.dcm#12": {"a/heart.dcm", 12},
		"a/heart.dcm":    {"a/heart.dcm", 0},
		"a#1/b.dcm":      {"a#1/b.dcm", 0},
		"b.dcm#":         {"b.dcm#", 0},
		"b.dcm#03":       {"b.dcm#03", 0},
		"b.dcm#-1":       {"b.dcm#-1", 0},
		"b.dcm#99999999": {"b.dcm#99999999", 0},
		"#4":             {"#4", 0},
	} {
		if file, frame := ParseFramePath(path); file != want.file || frame != want.frame {
			t.Errorf("%s: got %s, %d; want %s, %d", path, file, frame, want.file, want.frame)
		}
	}
	if file, frame := ParseFramePath(FramePath("a.dcm", 7)); file != "a.dcm" || frame != 7 {
		t.Errorf("got %s, %d", file, frame)
	}
}

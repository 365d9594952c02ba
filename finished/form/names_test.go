package form

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestCleanName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.dcm": "a.dcm", "s 1/IM 0001": "s 1/IM 0001", "Köpfe/頭.png": "Köpfe/頭.png", "heart.dcm#3": "heart.dcm#3",
		"../../etc/passwd": "etc/passwd", "/etc/passwd": "etc/passwd", `C:\scans\..\a.dcm`: "C_/scans/a.dcm", "a//b/./c.png": "a/b/c.png",
		".asked.csv": "asked.csv", ". . .x": "x", "{image}*?.png": "_image___.png", "a\x00b\n.png": "a_b_.png", "a[1].png": "a_1_.png",
		strings.Repeat("x", 300) + ".nii": strings.Repeat("x", 196) + ".nii",
	} {
		if got, err := CleanName(name); err != nil || got != want {
			t.Errorf("%q: got %q, %v; want %q", name, got, err, want)
		}
	}
	for name, want := range map[string]string{
		"": "is no name", "..": "is no name", "/./.../": "is no name", "a\xff.png": "no UTF-8", strings.Repeat("d/", 30) + "a": "is longer than",
		strings.Repeat(strings.Repeat("d", 190)+"/", 6) + "a": "is longer than",
	} {
		if got, err := CleanName(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %q, %v; want %q", name, got, err, want)
		}
	}
}

func TestHidden(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{"a.dcm": false, "s/.DS_Store": true, ".cache/a.png": true, `s\.x`: true, "../a.png": false, "./a.png": false} {
		if Hidden(name) != want {
			t.Errorf("%s: got %v", name, !want)
		}
	}
}

// FuzzCleanName: whatever a file is called, its name stays in its folder, is seen there, and is the
// same when it is cleaned again.
func FuzzCleanName(f *testing.F) {
	for _, name := range []string{"a/b.dcm", "../x", `..\..\x`, ".hidden", "a*b", strings.Repeat("é", 200) + ".png", " . ", "a/ ../b", "x. /y"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean, err := CleanName(name)
		if err != nil {
			return
		}
		if !filepath.IsLocal(clean) || filepath.Clean(clean) != clean || strings.ContainsAny(clean, "*?[]{}\\\x00\n") || len(clean) > longestPath {
			t.Errorf("%q became %q", name, clean)
		}
		for part := range strings.SplitSeq(clean, "/") {
			if strings.HasPrefix(part, ".") || len(part) > longestName || strings.TrimSpace(part) != part {
				t.Errorf("%q became %q, of which %q is a part", name, clean, part)
			}
		}
		if again, err := CleanName(clean); err != nil || again != clean {
			t.Errorf("%q became %q, and that %q, %v", name, clean, again, err)
		}
	})
}

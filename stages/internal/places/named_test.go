package places

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/table"
)

// empty makes a file without content.
func empty(t testing.TB, root, name string) {
	t.Helper()
	path := filepath.Join(root, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// rowOf is a row of cells by their columns.
func rowOf(t testing.TB, cells map[string]string) table.Row {
	t.Helper()
	columns := slices.Sorted(maps.Keys(cells))
	one, err := table.Parse([]byte(strings.Join(columns, ",") + "\n" + strings.Repeat(",", len(columns)-1) + "x\n"))
	if err != nil {
		t.Fatal(err)
	}
	for column, cell := range cells {
		one.Rows[0].Set(column, cell)
	}
	return one.Rows[0]
}

// TestPlaces: rows find their images by patterns, and without endings.
func TestPlaces(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "set [1]")
	for _, name := range append([]string{"part_1/i1.png", "part_2/i2.png", "part_2/i2.txt.png", "flat/a.JPG.png", "flat/b.png", "flat/both.png", "flat/1.2.3", "flat/1.2.4.5",
		"p10/p1001/s5/x.png", "p11/p1102/s6/y.png", "study1/one.png", "study1/two.png", "vol/v*1/k.png"},
		"flat/both.JPG", "flat/shout.JPEG", "sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_T1w.json") {
		empty(t, root, name)
	}
	for _, c := range []struct {
		image string
		cells string // column=value …
		want  string // separated by bars, below root
	}{
		{"part_*/{id}.png", "id=i1", "part_1/i1.png"},
		{"part_*/{id}.png", "id=i2", "part_2/i2.png"},
		{"part_*/{id}", "id=i2", "part_2/i2.png"},
		{"part_*/{id}.png", "id=i3", "part_1/i3.png"},
		{"none_*/{id}.png", "id=i3", "none_*/i3.png"},
		{"p*/p{subject}/s{study}/{id}.png", "subject=1001 study=5 id=x", "p10/p1001/s5/x.png"},
		{"p*/p{subject}/s{study}/{id}.png", "subject=1102 study=6 id=y", "p11/p1102/s6/y.png"},
		{"{id}/anat/{id}_T1w.nii.gz", "id=sub-01", "sub-01/anat/sub-01_T1w.nii.gz"},
		{"{id}/*/*_T1w.nii.gz", "id=sub-01", "sub-01/anat/sub-01_T1w.nii.gz"},
		{"{study}/*.png", "study=study1/", "study1/one.png|study1/two.png"},
		{"{study}/*.png", `study=.\study1`, "study1/one.png|study1/two.png"},
		{"vol/{id}/*.png", "id=v*1", "vol/v*1/k.png"},
		{"vol/{id}/*.png", "id=v*", "vol/v*/*.png"},
		{"id", "id=flat/b", "flat/b.png"},
		{"id", "id=flat/b.png", "flat/b.png"},
		{"id", "id=flat/b.dcm", "flat/b.png"},
		{"id", "id=flat/shout.jpg", "flat/shout.JPEG"},
		{"id", "id=flat/both", "flat/both"},
		{"id", "id=flat/1.2.3", "flat/1.2.3"},
		{"id", "id=flat/1.2.4", "flat/1.2.4"},
		{"id", "id=study1", "study1"},
	} {
		cells := map[string]string{}
		for _, pair := range strings.Fields(c.cells) {
			name, value, _ := strings.Cut(pair, "=")
			cells[name] = value
		}
		var got []string
		for _, path := range NamedBy(root, c.image).Of(rowOf(t, cells)) {
			below, err := filepath.Rel(root, path)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, below)
		}
		if strings.Join(got, "|") != c.want {
			t.Errorf("%s of %s: got %q, want %s", c.image, c.cells, got, c.want)
		}
	}
}

// FuzzPlaces: no pattern and no cell breaks the search, or leads out of the folder by itself.
func FuzzPlaces(f *testing.F) {
	root := f.TempDir()
	empty(f, root, "part_1/a.png")
	for _, pattern := range []string{"part_*/{id}.png", "{id}", "id", "[{id}", "{id}/*[", `\{id}`, "{id}{id}*", "*/{id}"} {
		f.Add(pattern, "a")
	}
	f.Fuzz(func(t *testing.T, pattern, cell string) {
		if filepath.IsAbs(pattern) || strings.Contains(pattern+cell, "..") {
			t.Skip("other folders may be large")
		}
		r := rowOf(t, map[string]string{"id": cell})
		p := NamedBy(root, pattern)
		if p.Name(r) == "" {
			return
		}
		if found := p.Of(r); len(found) == 0 || found[0] == "" {
			t.Errorf("%q of %q: got %q", pattern, cell, found)
		}
	})
}

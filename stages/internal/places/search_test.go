package places

import (
	"path/filepath"
	"slices"
	"testing"

	"vertebra/stages/internal/table"
)

// TestSearch: rows name images by their names, by folders, or by how names begin; the folder
// at which they begin may be above the table.
func TestSearch(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, name := range []string{
		"names/images/a.png", "names/images/b.png", "names/images/c.png",
		"paths/set/p1/a.png", "paths/set/p2/b.png", "paths/set/p3/c.png",
		"deep/p1/s1/1_x.png", "deep/p2/s1/2_x.png", "deep/p3/s2/3_x.png",
		"starts/case17_left.png", "starts/case17_right.png", "starts/case18_left.png", "starts/case19_left.png",
		"above/img/a.png", "above/img/b.png", "above/img/c.png", "above/tables/x/none.txt",
	} {
		empty(t, root, name)
	}
	for _, c := range []struct {
		dir, table, image, root string
	}{
		{"names", "id,label\na,0\nb,1\nc,1\n", "id", "names/images"},
		{"names", "label,file\n0,a.png\n1,b.png\n1,c.png\n", "file", "names/images"},
		{"paths", "label,path\n0,p1/a.png\n1,p2/b.png\n1,p3/c.png\n", "path", "paths/set"},
		{"deep", "n,patient,study\n1,p1,s1\n2,p2,s1\n3,p3,s2\n", "{patient}/{study}/{n}_x.png", "deep"},
		{"starts", "case\ncase17\ncase18\ncase19\n", "{case}_left.png", "starts"},
		{"above/tables/x", "id\na\nb\nc\n", "id", "above/img"},
		{"names", "id\nx\ny\n", "", ""},
	} {
		s, err := table.Parse([]byte(c.table))
		if err != nil {
			t.Fatal(err)
		}
		got := NewSearch().Images(filepath.Join(root, c.dir), s.Columns, s.Rows)
		below := ""
		if got.Root != "" {
			if below, err = filepath.Rel(root, got.Root); err != nil {
				t.Fatal(err)
			}
		}
		if got.Image != c.image || below != c.root {
			t.Errorf("%q in %s: got %q at %q, want %q at %q", c.table, c.dir, got.Image, below, c.image, c.root)
		}
	}
	if got := NewSearch().ImagesUpTo(1, filepath.Join(root, "above/tables/x"), []string{"id"}, nil); got.Image != "" {
		t.Errorf("got %+v of no rows", got)
	}
	pairs, err := table.Parse([]byte("id,left,right,label\n1,case17_left,case17_right,0\n2,case18_left,case19_left,1\n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := NewSearch().Columns(filepath.Join(root, "starts"), pairs.Columns, pairs.Rows); !slices.Equal(got, []string{"left", "right"}) {
		t.Errorf("the columns of images are %q", got)
	}
}

// TestPatterns: what a pattern names, and what it makes of a row.
func TestPatterns(t *testing.T) {
	t.Parallel()
	const pattern = "set_*/{id}/{id}_{view}.png"
	if !IsPattern(pattern) || IsPattern("image") {
		t.Error("a pattern has columns in braces")
	}
	if got := Columns(pattern); !slices.Equal(got, []string{"id", "view"}) || OnlyColumn(pattern) != "" || OnlyColumn("{id}/*") != "id" || OnlyColumn("image") != "image" {
		t.Errorf("its columns are %q", got)
	}
	r := rowOf(t, map[string]string{"id": "7", "view": "CC"})
	if got := Filled("{view} of {id}", r); got != "CC of 7" {
		t.Errorf("got %q", got)
	}
	if got := NamedBy(".", pattern).Name(r); got != "7/7_CC.png" {
		t.Errorf("the image is called %q", got)
	}
}

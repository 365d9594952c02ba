package audit

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// eyes is a table of patients with two pictures, the letters of a folder of pictures.
const eyes = "ID,sex,L,R,gl,gr,D,G,part\np1,f,a.png,b.png,0,1,0,1,train\np2,m,c.png,,1,,1,0,train\np3,f,d.png,e.png,0,0,1,,test\np4,m,,,0,0,0,0,train\n"

// eyesIn reads eyes, whose pictures are in a folder.
func eyesIn(t testing.TB, root string) Table {
	t.Helper()
	writeFiles(t, root, map[string]string{"eyes.csv": eyes})
	return Table{File: registry.Path(filepath.Join(root, "eyes.csv")), Image: "image", Labels: []string{"grade"},
		Images: map[string]Pictured{"left": {"image": "L", "grade": "gl"}, "right": {"image": "R", "grade": "gr"}}}
}

// TestRowImages: each image of a row is a case of its own label, with the row's tags, and
// stays with the others of its row.
func TestRowImages(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	for name, c := range map[string]struct {
		change func(*Table)
		cases  string
		told   string
	}{
		"labels of their own": {func(t *Table) { t.Tags = []string{"sex"} },
			"a.png 0 [sex:f view:left], b.png 1 [sex:f view:right], c.png 1 [sex:m view:left], d.png 0 [sex:f view:left], e.png 0 [sex:f view:right]",
			"missing_image line 5, image_not_named line 3 (right)"},
		"the row's label, ids": {func(t *Table) {
			t.ID, t.Labels, t.Images = "ID", []string{"D"}, map[string]Pictured{"left": {"image": "L"}, "right": {"image": "R"}}
		}, "p1_left 0 [view:left], p1_right 0 [view:right], p2_left 1 [view:left], p3_left 1 [view:left], p3_right 1 [view:right]",
			"missing_image line 5, image_not_named line 3 (right)"},
		"several labels": {func(t *Table) { t.Labels, t.Only = []string{"grade", "G"}, map[string][]string{"view": {"right"}} },
			"b.png_grade 1 [target:grade view:right], b.png_G 1 [target:G view:right], e.png_grade 0 [target:grade view:right]",
			"missing_image line 5, empty_label e.png_G, image_not_named line 3 (right), row_not_wanted a.png, row_not_wanted c.png, row_not_wanted d.png, row_not_wanted "},
		"patterns, and columns made of theirs": {func(t *Table) {
			t.Image, t.Extract, t.Tags = "{letter}.png", map[string]Extract{"letter": {From: "image", Match: "^(.)"}}, []string{"letter"}
			t.Only = map[string][]string{"part": {"test"}}
		}, "d 0 [letter:d view:left], e 0 [letter:e view:right]", ""},
		"a column of that name": {func(t *Table) {
			t.Columns = []string{"ID", "sex", "image", "view 2", "gl", "grade", "D", "G", "part"}
			t.Images = map[string]Pictured{"left": {"image": "view 2", "grade": "gl"}, "right": {"image": "image", "grade": "grade"}}
			t.Only = map[string][]string{"ID": {"p1", "p2"}}
		}, "b.png 0 [view:left], a.png 1 [view:right]", "empty_label c.png"},
		"cells read as others": {func(t *Table) { t.Replace = map[string]map[string]string{"grade": {"1": "0"}} },
			"a.png 0 [view:left], b.png 0 [view:right], c.png 0 [view:left], d.png 0 [view:left], e.png 0 [view:right]", ""},
	} {
		table := eyesIn(t, root)
		c.change(&table)
		if err := table.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		cases, told, err := foundIn(t, table)
		if got := strings.Join(cases, ", "); err != nil || got != c.cases {
			t.Errorf("%s: %v\ngot  %s\nwant %s", name, err, got, c.cases)
		}
		slices.Sort(told)
		for _, want := range strings.Split(c.told, ", ") {
			if want != "" && !slices.ContainsFunc(told, func(text string) bool { return strings.HasPrefix(text, want) }) {
				t.Errorf("%s: told %q, not %s", name, told, want)
			}
		}
		found, err := table.Read(t.Context(), mustRequest(t, Wanted{}, Wanted{}))
		if err != nil || found.Cases[0].Group == "" || len(found.Cases) > 3 && found.Cases[0].Group == found.Cases[3].Group {
			t.Errorf("%s: got the groups of %+v, %v", name, found.Cases, err)
		}
		for i, one := range found.Cases[1:] {
			if same := one.Tags["sex"] == found.Cases[i].Tags["sex"]; name == "labels of their own" && same != (one.Group == found.Cases[i].Group) {
				t.Errorf("got %s and %s of the groups %s and %s", found.Cases[i].ID, one.ID, found.Cases[i].Group, one.Group)
			}
		}
	}
}

// TestRowImagesByName: without a column of paths, the names of images are part of a pattern.
func TestRowImagesByName(t *testing.T) {
	t.Parallel()
	root := alone(t)
	for i, name := range []string{"7_OD.png", "7_OS.png", "8_OD.png"} {
		picture(t, filepath.Join(root, "fundus", name), noise(i))
	}
	writeFiles(t, root, map[string]string{"x.csv": "id,label\n7,0\n8,1\n"})
	table := Table{File: registry.Path(filepath.Join(root, "x.csv")), Image: "fundus/{id}_{view}.png", Labels: []string{"label"}, Images: map[string]Pictured{"OD": nil, "OS": nil}}
	if err := table.Validate(); err != nil {
		t.Error(err)
	}
	cases, _, err := foundIn(t, table)
	if want := "fundus/7_OD.png 0 [view:OD], fundus/7_OS.png 0 [view:OS], fundus/8_OD.png 1 [view:OD], fundus/8_OS.png 1 [view:OS]"; err != nil || strings.Join(cases, ", ") != want {
		t.Errorf("got %q, %v; want %s", cases, err, want)
	}
}

// seenAsViews audits eyes with views.
func seenAsViews(t *testing.T, root string, change func(*Config, *Table)) (Cases, error) {
	t.Helper()
	table := eyesIn(t, root)
	table.ID, table.Labels, table.Images = "ID", []string{"D", "G"}, map[string]Pictured{"left": {"image": "L"}, "right": {"image": "R"}}
	cfg := Default
	cfg.Views, cfg.Label, cfg.Rules, cfg.Split = []string{"right", "left"}, all, Actions{"view_missing": keep}, Split{By: "study", Validation: 0.5}
	change(&cfg, &table)
	cfg.Source = registry.One[Source]{Name: "table", Part: table}
	return Look(t.Context(), environment(stage.Discard), cfg)
}

// TestRowViews: the images of a row are views of one sample, in the order of data.views; what
// a cell does not name, or what cannot be read, is not there.
func TestRowViews(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	write(t, filepath.Join(root, "e.png"), "\x89PNG\r\n\x1a\nno")
	got, err := seenAsViews(t, root, func(*Config, *Table) {})
	if err != nil {
		t.Fatal(err)
	}
	said := func(cases []stage.Case) (out string) {
		for _, c := range cases {
			out += fmt.Sprintf("%s %d %s:", c.ID, c.Label, c.Tags["target"])
			for _, m := range c.Views {
				out += " " + strings.TrimPrefix(strings.TrimPrefix(m.Image, root), "/")
			}
			out += "\n"
		}
		return out
	}
	if want := "p1_D 0 D: b.png a.png\np1_G 1 G: b.png a.png\np2_D 1 D:  c.png\np2_G 0 G:  c.png\np3_D 1 D:  d.png\n"; said(got.Cases) != want {
		t.Errorf("got\n%swant\n%s", said(got.Cases), want)
	}
	for id, want := range map[string]string{"missing_image": "line 5", "unreadable_image": "p3_D (right)", "empty_label": "p3_G", "view_missing": "p2_D p2_G p3_D"} {
		at := slices.IndexFunc(got.All(), func(f Finding) bool { return f.ID == id })
		if at < 0 || strings.Join(got.All()[at].IDs, " ") != want {
			t.Errorf("%s: got %+v, want %s", id, got.All(), want)
		}
	}
	if c := got.Cases[0]; got.Covariates != nil || c.Sample != "p1" || c.Point != nil || c.Picture != nil || filepath.Base(c.Image) != "b.png" || c.Tags["view"] != "" {
		t.Errorf("got %+v", c)
	}
	var pictures []string
	for _, p := range got.Pictures().Cases {
		pictures = append(pictures, p.ID+" "+p.Picture.Name)
	}
	if want := "p1 (right) right,p1 (left) left,p2 (left) left,p3 (left) left"; strings.Join(pictures, ",") != want {
		t.Errorf("got %q, want %s", pictures, want)
	}
	right, err := seenAsViews(t, root, func(cfg *Config, table *Table) {
		cfg.Split.Validation, table.Only = 0, map[string][]string{"view": {"right"}}
	})
	if at := slices.IndexFunc(right.Dropped, func(f Finding) bool { return f.ID == "missing_image" }); err != nil || at < 0 || !slices.Equal(right.Dropped[at].IDs, []string{"line 3", "line 5"}) {
		t.Errorf("of the right ones: got %+v, %v", right.Dropped, err)
	}
	strict, err := seenAsViews(t, root, func(cfg *Config, _ *Table) { cfg.Rules = nil; cfg.Split.Validation = 0 })
	if err != nil || len(strict.Samples().Cases) != 1 || strict.Fingerprint == got.Fingerprint {
		t.Errorf("without blank views: got %+v, %v", strict.Cases, err)
	}
	one, err := seenAsViews(t, root, func(cfg *Config, table *Table) {
		cfg.Label, table.Labels, cfg.Drop.Rows = "worst", []string{"D"}, []string{"p2"}
	})
	if want := "p1 0 : b.png a.png\np3 1 :  d.png\n"; err != nil || said(one.Cases) != want {
		t.Errorf("got %v\n%swant\n%s", err, said(one.Cases), want)
	}
}

// TestRowViewsPoints: views have the points and the series of their images, which may be
// folders of slices.
func TestRowViewsPoints(t *testing.T) {
	t.Parallel()
	root := alone(t)
	for i := range 12 {
		picture(t, filepath.Join(root, fmt.Sprintf("s%d/%d.png", i/3, i%3)), noise(i))
	}
	writeFiles(t, root, map[string]string{"x.csv": "l,r,lx,ly,rx,ry,label\ns0,s1,1,2,3,4,0\ns2,s3,5,6,7,x,1\n"})
	cfg := Default
	cfg.Views, cfg.Rules, cfg.Split = []string{"l", "r"}, Actions{"view_missing": keep}, Split{By: "study", Validation: 0.5}
	cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "x.csv")), Image: "image", X: "x", Y: "y", Labels: []string{"label"},
		Images: map[string]Pictured{"l": {"image": "l", "x": "lx", "y": "ly"}, "r": {"image": "r", "x": "rx", "y": "ry"}}}}
	got, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	if m := got.Cases[0].Views; len(got.Cases) != 2 || *m[1].Point != (stage.Point{X: 3, Y: 4}) || filepath.Base(m[1].Series) != "s1" || filepath.Base(m[1].Image) != "1.png" || len(got.Series[m[0].Series].Files) != 3 {
		t.Errorf("got %+v", got.Cases)
	}
	if at := slices.IndexFunc(got.Dropped, func(f Finding) bool { return f.ID == "unreadable_point" }); at < 0 || got.Dropped[at].IDs[0] != "s2 (r)" || !blank(got.Cases[1].Views[1]) {
		t.Errorf("got %+v, dropped %+v", got.Cases[1], got.Dropped)
	}
}

// TestRowViewsStayTogether: rows that share one of their views are on one side.
func TestRowViewsStayTogether(t *testing.T) {
	t.Parallel()
	root := pictures(t, 9)
	text := "l,r,label\n"
	for i := range 8 {
		text += fmt.Sprintf("%c.png,i.png,%d\n", 'a'+i, i%2)
	}
	cfg := Default
	for range 2 {
		writeFiles(t, root, map[string]string{"x.csv": text})
		cfg.Views, cfg.Split = []string{"l", "r"}, Split{By: "study", Validation: 0.5}
		cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "x.csv")), Image: "image", Labels: []string{"label"}, Images: map[string]Pictured{"l": {"image": "l"}, "r": {"image": "r"}}}}
		got, err := Run(t.Context(), environment(stage.Discard), cfg)
		if err == nil {
			t.Fatalf("got %+v; want one group, which cannot be divided", got.Cases)
		}
		if !strings.Contains(registryText(err), "there are 1, and they cannot fill 2 splits") {
			t.Errorf("got %v", err)
		}
		text = strings.Replace(text, "a.png,i.png", "i.png,a.png", 1) // also where the other shows it in another place
	}
}

// TestRowImagesMistakes: what cannot be is told before any image is read.
func TestRowImagesMistakes(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	for want, change := range map[string]func(*Config, *Table){
		`data.source.table.images.left.image: the table has no column "LL"`: func(_ *Config, t *Table) { t.Images["left"]["image"] = "LL" },
		"data.source.table.images: the table has a column sex already; choose another name": func(_ *Config, t *Table) {
			t.Images["left"]["sex"], t.Images["right"]["sex"] = "gl", "gr"
		},
		`data.views.0: no image of a row is named "rihgt"; did you mean right?`:      func(c *Config, _ *Table) { c.Views[0] = "rihgt" },
		"data.sample: the views are images of a row, and so is the sample, no study": func(c *Config, _ *Table) { c.Sample = "study" },
		"data.source.table.labels.0: grade is another for each image of a row, and data.views makes one sample of them": func(_ *Config, t *Table) {
			t.Images["left"]["grade"], t.Images["right"]["grade"], t.Labels = "gl", "gr", []string{"grade"}
		},
		"data.covariates.categories.0: view is another for each image of a row": func(c *Config, _ *Table) { c.Covariates.Categories = []string{"view"} },
		"data.split.by: view is another for each image of a row":                func(c *Config, _ *Table) { c.Split.By = "view" },
		`data.source.table.image: several files are the view left of p1: `: func(_ *Config, t *Table) {
			t.Image, t.Images = "*.{word}*", map[string]Pictured{"left": {"word": "ending"}, "right": {"word": "R"}}
			t.Extract = map[string]Extract{"ending": {From: "L", Match: "^..(p)"}}
		},
		`no labelled place is named "right", nor the type of a series that has one; where a row has several images, data.source.table.images names them`: func(_ *Config, t *Table) {
			t.Images, t.Image = nil, "L"
		},
	} {
		if _, err := seenAsViews(t, root, change); err == nil || !strings.Contains(registryText(err), want) {
			t.Errorf("got  %s\nwant %s", registryText(err), want)
		}
	}
	for want, change := range map[string]func(*Table){
		"images: left is the only one; name two or more":                             func(t *Table) { delete(t.Images, "right") },
		"images: right names no column as its grade, others do":                      func(t *Table) { delete(t.Images["right"], "grade") },
		"images: left and right are both read from the column L":                     func(t *Table) { t.Images["right"]["image"] = "L" },
		"images: grade is the column gl for all; what the images of a row share":     func(t *Table) { t.Images["right"]["grade"] = "gl" },
		"images: an image of a row, and each of its columns, needs a name":           func(t *Table) { t.Images[" "] = t.Images["left"] },
		"images: view is what says which image of its row one is":                    func(t *Table) { t.Images["left"]["view"], t.Images["right"]["view"] = "gl", "gr" },
		"images: none of them says where it is: image is L;":                         func(t *Table) { t.Image = "L" },
		"replace: cells of gl are read as grade: write that":                         func(t *Table) { t.Replace = map[string]map[string]string{"gl": {"0": "1"}} },
		"series: images of a row are of series of their own: write series beside im": func(t *Table) { t.Series = "sex" },
	} {
		table := eyesIn(t, root)
		table.Images = map[string]Pictured{"left": maps.Clone(table.Images["left"]), "right": maps.Clone(table.Images["right"])}
		change(&table)
		if err := table.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestRowImagesHeldOut: tables of other splits need the columns that images and labels are
// read from.
func TestRowImagesHeldOut(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	table := eyesIn(t, root)
	table.HeldOut = map[string]registry.Path{"test": registry.Path(filepath.Join(root, "test.csv"))}
	writeFiles(t, root, map[string]string{"test.csv": "L,R,gl,gr\nf.png,,1,\n"})
	table.Tags = []string{"split"}
	cases, _, err := foundIn(t, table)
	if err != nil || cases[len(cases)-1] != "f.png 1 [split:test view:left]" {
		t.Errorf("got %q, %v", cases, err)
	}
	writeFiles(t, root, map[string]string{"test.csv": "L,gl,gr\nf.png,1,\n"})
	if _, _, err := foundIn(t, table); err == nil || !strings.Contains(registryText(err), `held_out.test: test.csv has no column "R"`) {
		t.Errorf("got %v", err)
	}
}

// TestUnseenRows: a table of new images needs the columns of images alone.
func TestUnseenRows(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	table := eyesIn(t, root)
	for name, c := range map[string]struct {
		text  string
		views []string
		want  string // cases, or the error
	}{
		"samples":   {"L,R\na.png,b.png\nc.png,\n", nil, "a.png:1 b.png:1 c.png:1"},
		"one side":  {"R,L\na.png,\nc.png,\n", []string{"left", "right"}, "a.png:2 c.png:2"},
		"no image":  {"R,L\n,\n", nil, "there is no image in"},
		"views":     {"R,L\na.png,b.png\nc.png,\n", []string{"left", "right"}, "b.png:2 c.png:2"},
		"of a list": {"image\na.png\n", nil, "a.png:1"},
		"image too": {"image,R\na.png,b.png\n", nil, "a.png:1 b.png:1"},
		"one eye":   {"L\na.png\n", nil, `the table has no column "R", where the run's has the image right of each row`},
	} {
		path := filepath.Join(root, name+".csv")
		write(t, path, c.text)
		like := table
		if name == "image too" {
			like.Images = map[string]Pictured{"left": {"image": "image"}, "right": {"image": "R"}}
		}
		u, err := NewUnseen([]string{path}, like)
		u.Sample, u.Views, u.Rules, u.Asked.Classes = "point", c.views, Actions{"view_missing": keep}, []string{"0", "1"}
		var cases Cases
		if err == nil {
			cases, err = u.Read(t.Context(), environment(stage.Discard))
		}
		var got []string
		for _, one := range cases.Cases {
			got = append(got, fmt.Sprintf("%s:%d", one.ID, max(1, len(one.Views))))
		}
		if text := strings.Join(got, " "); err == nil && text != c.want || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %s, %v; want %s", name, text, err, c.want)
		}
	}
}

// FuzzRowImages: cases are of images that their rows name, once each, and of what a row has.
func FuzzRowImages(f *testing.F) {
	f.Add([]byte(eyes), "image", true)
	f.Add([]byte("L,R,gl,gr\na,b,1,0\n,,,\na,a,1,1\n"), "{image}.png", false)
	f.Add([]byte("ID,L,R,gl,gr\np,a,b,1,0\np,a,,1,0\n"), "{ID}_{view}", true)
	f.Fuzz(func(t *testing.T, data []byte, image string, asViews bool) {
		if strings.ContainsAny(image, "/*?[") {
			t.Skip("folders of this machine are no data")
		}
		source := Table{Root: "/nowhere", Image: image, Labels: []string{"grade"}, Images: map[string]Pictured{"left": {"image": "L", "grade": "gl"}, "right": {"image": "R", "grade": "gr"}}}
		if asViews {
			source.Labels, source.Images = []string{"gl"}, map[string]Pictured{"left": {"image": "L"}, "right": {"image": "R"}}
		}
		found, err := source.parse(t.Context(), &Request{views: asViews}, data)
		seen := map[string]bool{}
		for _, c := range found.Cases {
			id, row := c.ID, found.rowOf[c.ID]
			if err != nil || seen[id] || c.Picture == nil || asViews != (row != "") || c.Label < 0 || c.Label >= len(found.Classes) || asViews && id != PictureID(row, c.Picture.Name) {
				t.Errorf("got %+v of %q with error %v", c, row, err)
			}
			seen[id] = true
		}
	})
}

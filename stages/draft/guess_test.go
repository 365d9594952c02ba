package draft

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/synth"

	"vertebra/stages/stage"
)

// TestGuessTable: columns are known by what they hold, and by usual names.
func TestGuessTable(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	table := func(separator, prefix string) string {
		lines := []string{"study,site,file,PatientID,grade,x,y,age"}
		for i := range 6 {
			lines = append(lines, "s"+string(rune('0'+i/2))+",north,"+prefix+string(rune('a'+i))+".png,p"+string(rune('0'+i/2))+","+[]string{"1", "10", "NA"}[i%3]+",3,4,"+string(rune('3'+i))+"1")
		}
		return strings.ReplaceAll(strings.Join(lines, "\n"), ",", separator)
	}
	for name, path := range map[string]string{"beside": write("one.csv", table(";", "")), "in a folder": write("../"+filepath.Base(root)+".csv", table(",", ""))} {
		g, err := Look(path)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got := g.Source.Part.(audit.Table)
		if got.Image != "file" || got.Group != "PatientID" || !slices.Equal(got.Labels, []string{"grade"}) || !g.Points || g.Side != 16 {
			t.Errorf("%s: got %+v and %+v", name, got, g)
		}
		if !slices.Equal(g.Classes, []string{"1", "10"}) {
			t.Errorf("%s: got the classes %v", name, g.Classes)
		}
		if (name == "in a folder") != (string(got.Root) == root) {
			t.Errorf("%s: got the root %q", name, got.Root)
		}
	}
	for text, want := range map[string][]string{
		"file,sex,edema,mass\na.png,f,0,1\nb.png,m,1,0\nc.png,f,0,\nd.png,m,1,1\ne.png,f,0,0\n": {"edema", "mass"},
		"file,finding edema,finding mass\na.png,0,1\nb.png,1,0\nc.png,0,1\nd.png,1,0\n":         {"finding edema", "finding mass"},
		"file,edema,mass,view\na.png,no,0,1\nb.png,yes,1,0\nc.png,no,0,1\nd.png,yes,1,0\n":      {"mass"}, // not all say the same
		"file,edema,grade,mass\na.png,0,0,1\nb.png,1,1,0\nc.png,0,0,1\nd.png,1,1,0\n":           {"grade"},
	} {
		g, err := Look(write("several.csv", text))
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Source.Part.(audit.Table).Labels; !slices.Equal(got, want) || slices.ContainsFunc(want, func(name string) bool { return slices.Contains(g.Others, name) }) {
			t.Errorf("%q: got %v and besides %v, want %v", text, got, g.Others, want)
		}
	}
	for text, want := range map[string]Guess{
		"file,grade (0/1),view,part\na.png,0,AP,train\nb.png,1,PA,Test\nc.png,0,AP,train\nd.png,1,PA,val\n": {Others: []string{"view"}, Split: "part"},
		"file,Diagnosis,fold\na.png,0,0\nb.png,1,1\nc.png,0,0\nd.png,1,1\n":                                 {Split: "fold"},
		"file,Diagnosis,number\na.png,0,0\nb.png,1,1\nc.png,0,0\nd.png,1,1\n":                               {Others: []string{"number"}},
	} {
		g, err := Look(write("named.csv", text))
		if err != nil || g.Split != want.Split || !slices.Equal(g.Others, want.Others) || !slices.Equal(g.Classes, []string{"0", "1"}) {
			t.Errorf("%q: got %+v, %v", text, g, err)
		}
	}
	// One remark with a semicolon is no list of findings.
	remarks := "file,grade,remark\n" + strings.Repeat("a.png,0,ok\nb.png,1,ok\n", 60) + "c.png,0,blurred; turned\n"
	if g, err := Look(write("remarks.csv", strings.Replace(remarks, "grade", "stenosis", 1))); err != nil || g.Source.Part.(audit.Table).Separator != "" {
		t.Errorf("remarks: got %+v, %v", g, err)
	}
	const listed = "file,Finding Labels,Patient ID,view\na.png,Edema|Mass,p,AP\nb.png,No Finding,p,PA\nc.png,Mass,q,AP\nd.png,Edema,q,PA\ne.png,Mass|Edema,r,AP\nf.png,Edema,r,PA\na.png,Mass,r,AP\nb.png,No Finding,r,AP\nc.png,No Finding,r,AP\nd.png,No Finding,r,AP\n"
	for _, column := range []string{"Finding Labels", "findings"} { // also where it is called as labels are
		listing, err := Look(write("listing.csv", strings.Replace(listed, "Finding Labels", column, 1)))
		if err != nil {
			t.Fatal(err)
		}
		if got := listing.Source.Part.(audit.Table); !slices.Equal(got.Labels, []string{column}) || got.Separator != "|" || !slices.Equal(got.Findings, []string{"Edema", "Mass"}) || !slices.Equal(listing.Others, []string{"view"}) {
			t.Errorf("got %+v and besides %v", got, listing.Others)
		}
	}
	for text, want := range map[string]string{
		"image,label\nnone.png,1\n":       "no column of",
		"image,label\na.png,1\nb.png,2\n": "can be labels",
		rowsOf("image,volume\n", 30, func(i int) string { return fmt.Sprintf("%c.png,%d.5", 'a'+i%6, i) }): "cut: {volume: [10, 20]}",
		"image,label\n":                         "it has no rows",
		"image,label\na.png,1,1\n":              "line 2 has 3 cells",
		"image,label\na.png,\xe4\nb.png,\xe4\n": "no UTF-8 text",
	} {
		if _, err := Look(write("bad.csv", text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}

// TestGuessLinked: images are found where the data set, or a folder in it, is a link to another
// disk.
func TestGuessLinked(t *testing.T) {
	t.Parallel()
	dir, away := alone(t), alone(t)
	table := "id,patient,grade\n"
	for i := range 8 {
		name := fmt.Sprintf("IMG_%d", 100+i)
		picture(t, filepath.Join(away, "part", name+".png"), noise(i))
		picture(t, filepath.Join(away, []string{"no", "yes"}[i%2], "all", fmt.Sprintf("p%d", i/2), name+".png"), noise(i))
		table += fmt.Sprintf("%s,p%d,%d\n", name, i/2, i%2)
	}
	for _, name := range []string{"ds", "classes"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(t, filepath.Join(dir, "ds", "meta.csv"), table)
	for at, to := range map[string]string{"ds/images": filepath.Join(away, "part"), "linked": filepath.Join(dir, "ds"), "classes/no": filepath.Join(away, "no"), "classes/yes": filepath.Join(away, "yes")} {
		if err := os.Symlink(to, filepath.Join(dir, at)); err != nil {
			t.Skip(err)
		}
	}
	for _, at := range []string{"ds", "linked"} {
		g, err := Look(filepath.Join(dir, at))
		if err != nil {
			t.Fatalf("%s: %v", at, err)
		}
		cfg := audit.Default
		cfg.Source, cfg.Split = g.Source, audit.Split{By: "study", Validation: 0.3}
		if got, err := audit.Run(t.Context(), stage.Env{Recorder: stage.Discard, Workers: 4, Seed: 1}, cfg); err != nil || len(got.Cases) != 8 {
			t.Errorf("%s: %d cases of %+v: %v", at, len(got.Cases), g.Source.Part, err)
		}
	}
	g, err := Look(filepath.Join(dir, "classes"))
	if err != nil || g.Source.Part.(audit.Folders).Group != "^(?:[^/]+/){1}([^/]+)/" || g.Side != 16 {
		t.Errorf("got %+v, %v; want the folder of each patient as group", g, err)
	}
}

// TestGuessSeries: images that are folders of slices are told from single ones.
func TestGuessSeries(t *testing.T) {
	t.Parallel()
	root := alone(t)
	for i, n := range []int{3, 5, 5, 1} {
		for s := range n {
			picture(t, filepath.Join(root, string(rune('a'+i)), string(rune('1'+s))+".png"), noise(10*i+s))
		}
		picture(t, filepath.Join(root, "alone", string(rune('a'+i))+".png"), noise(90+i))
	}
	for text, want := range map[string]int{
		"image,label\na,0\nb,0\nc,1\nd,1\n":                               5,
		"image,label\nalone/a.png,0\nalone/b.png,0\nalone/c.png,1\nd,1\n": 0,
	} {
		path := filepath.Join(root, "series.csv")
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		if g, err := Look(path); err != nil || g.Slices != want || g.Side != 16 {
			t.Errorf("%q: got %d slices and a side of %d, %v; want %d", text, g.Slices, g.Side, err, want)
		}
	}
}

// TestGuessPointsOfSeries: where rows name points, these are the samples, and their series what
// slices beside them are of.
func TestGuessPointsOfSeries(t *testing.T) {
	t.Parallel()
	root := pictures(t, 8)
	for header, want := range map[string]string{"image,series,grade,p,q": "series", "image,series,grade,x,y": ""} {
		text := header + "\n"
		for i := range 8 {
			text += fmt.Sprintf("%c.png,s%d,%d,%d,%d\n", 'a'+i, i/2, i/2%2, 3+i, 9-i)
		}
		path := filepath.Join(root, "points.csv")
		write(t, path, text)
		if g, err := Look(path); err != nil || g.Sample != want || g.Points != (want == "") || (g.Slices == 0) != g.Points || g.Source.Part.(audit.Table).Series != "series" {
			t.Errorf("%s: got %+v, %v; want samples %q", header, g, err, want)
		}
	}
}

// TestGuessFolders wants a folder for each class.
func TestGuessFolders(t *testing.T) {
	t.Parallel()
	root := alone(t)
	picture(t, filepath.Join(root, "no", "1.png"), noise(1))
	if _, err := Look(root); err == nil || !strings.Contains(err.Error(), "holds 1 folders") {
		t.Errorf("got %v, want it refused", err)
	}
	picture(t, filepath.Join(root, "yes", "2.png"), noise(2))
	g, err := Look(root)
	if err != nil || g.Source.Name != "folders" || !slices.Equal(g.Classes, []string{"no", "yes"}) || g.Side != 16 {
		t.Errorf("got %+v, %v", g, err)
	}
	for i := range 3 {
		pictureOf(t, filepath.Join(root, "no", fmt.Sprint(i, ".png")), 40, 20, noise(i))
	}
	if g, err = Look(root); err != nil || g.Aspect != 2 || g.Side != 20 {
		t.Errorf("got an aspect of %g, a side of %d, %v", g.Aspect, g.Side, err)
	}
	writeFiles(t, root, map[string]string{"train_series_descriptions.csv": "study_id\n"})
	if g, err = Look(root); err != nil || g.Source.Name != "rsna" {
		t.Errorf("got %+v, %v", g, err)
	}
}

// TestGuessFoldersOfPersons: nor is a folder for each person.
func TestGuessFoldersOfPersons(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"sub-%02d": "runner data bids", "Patient %d": "write a CSV file", "TCGA-AB-%04d": "write a CSV file", "grade %d": ""} {
		root := alone(t)
		for i := range 3 {
			picture(t, filepath.Join(root, fmt.Sprintf(name, i), "a.png"), noise(i))
		}
		_, err := Look(root)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), "are called as persons are") || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %s", name, err, want)
		}
	}
}

// TestGuessFoldersOfSeries: a folder for each series is none for each class.
func TestGuessFoldersOfSeries(t *testing.T) {
	t.Parallel()
	root := alone(t)
	if _, err := synth.Write(t.Context(), root, synth.Options{Seed: 1, Studies: 1, Size: 64}); err != nil {
		t.Fatal(err)
	}
	studies, _ := filepath.Glob(filepath.Join(root, "train_images", "*"))
	if _, err := Look(studies[0]); err == nil || !strings.Contains(err.Error(), "each of the 3 folders in") {
		t.Errorf("got %v, want it refused", err)
	}
	if err := os.WriteFile(filepath.Join(root, "mine.yaml"), []byte("name: mine\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Look(filepath.Join(root, "mine.yaml")); err == nil || !strings.Contains(err.Error(), "is an experiment file already") {
		t.Errorf("got %v, want it refused", err)
	}
}

// TestGuessNestedFolders: DICOM files of one series in a folder are its slices; of pictures
// nobody knows.
func TestGuessNestedFolders(t *testing.T) {
	t.Parallel()
	pictures, root := alone(t), alone(t)
	for i, name := range []string{"no/p1/a.png", "no/p1/b.png", "yes/p2/a.png"} {
		picture(t, filepath.Join(pictures, name), noise(i))
	}
	if g, err := Look(pictures); err != nil || !g.Nested || g.Sample != "" || g.Slices != 0 || g.Side != 16 {
		t.Errorf("pictures: got %+v, %v", g, err)
	}
	if _, err := synth.Write(t.Context(), root, synth.Options{Seed: 1, Studies: 2, Size: 64}); err != nil {
		t.Fatal(err)
	}
	if g, err := Look(filepath.Join(root, "train_images")); err != nil || g.Sample != "series" || g.Slices < 2 || g.Side < 32 || !g.Patient {
		t.Errorf("series: got %+v, %v", g, err)
	}
}

// TestNothingFirst: of classes in alphabetical order the one that says nothing comes first.
func TestNothingFirst(t *testing.T) {
	t.Parallel()
	for classes, want := range map[string]string{
		"Läsion|kein Befund": "kein Befund|Läsion", "AD|CN|MCI": "CN|AD|MCI", "COVID|NORMAL|Pneumonia": "NORMAL|COVID|Pneumonia", "0|1|2": "0|1|2",
		"MildDemented|ModerateDemented|NonDemented|VeryMildDemented": "NonDemented|MildDemented|ModerateDemented|VeryMildDemented",
		"glioma|meningioma|notumor|pituitary":                        "notumor|glioma|meningioma|pituitary", "nodule|nv": "nodule|nv", "no|yes": "no|yes", "cancer|non-cancer": "non-cancer|cancer",
		"No DR|Proliferative": "No DR|Proliferative", "a|unspecified": "a|unspecified",
	} {
		if got := strings.Join(nothingFirst(strings.Split(classes, "|")), "|"); got != want {
			t.Errorf("%s: got %s, want %s", classes, got, want)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/finished"
	"vertebra/finished/predict"
	"vertebra/stages/stage"
)

// likeCase is a prediction of a test.
func likeCase(id, target string, probabilities ...float64) stage.Prediction {
	return stage.Prediction{CaseID: id, Label: -1, Probabilities: probabilities, Tags: map[string]string{stage.TargetTag: target}}
}

// TestLike: what each kind of table gets.
func TestLike(t *testing.T) {
	t.Parallel()
	grades := stage.Questions{Classes: []string{"Normal/Mild", "severe"}}
	numbers := stage.Questions{Classes: []string{"0", "1", "2"}}
	films := stage.Questions{Classes: []string{"no", "yes"}, Targets: []string{"Edema", "Mass"}}
	breasts := stage.Questions{Classes: []string{"a", "b", "c", "benign", "malignant"}, Targets: []string{"density", "mass"}, Among: [][]int{{0, 1, 2}, {3, 4}}}
	two := []stage.Prediction{likeCase("im/a.png", "", 0.75, 0.25), likeCase("im/b.png", "", 0.5, 0.5)}
	film := []stage.Prediction{likeCase("im/a.png_Edema", "Edema", 0.75, 0.25), likeCase("im/a.png_Mass", "Mass", 0.125, 0.875), likeCase("b_Mass", "Mass", 0.625, 0.375)}
	for name, test := range map[string]struct {
		asked stage.Questions
		items []stage.Prediction
		fill  string
		table string
		want  string // the table, or a part of the error
		says  string
	}{
		"classes, spelt otherwise":         {grades, two, "", "id,Severe,normal_mild\na,,\nim/b.png,,\n", "id,Severe,normal_mild\na,0.25,0.75\nim/b.png,0.5,0.5\n", ""},
		"one class":                        {grades, two, "", "id,severe\na.png,\n", "id,severe\na.png,0.25\n", "1 predictions are for no row"},
		"the last of two":                  {grades, two, "", "image_name,target\na,0\nb,0\n", "image_name,target\na,0.25\nb,0.5\n", ""},
		"the name of one of two":           {grades, two, "", "image_name,target\na,severe\nb,severe\n", "image_name,target\na,Normal/Mild\nb,Normal/Mild\n", ""},
		"the likeliest of three":           {numbers, []stage.Prediction{likeCase("x", "", 0.2, 0.3, 0.5)}, "", "id_code,diagnosis\nx,0\n", "id_code,diagnosis\nx,2\n", ""},
		"targets side by side":             {films, film, "mean", "id,mass,edema\na,0,0\n", "id,mass,edema\na,0.875,0.25\n", "1 predictions are for no row"},
		"a target that nobody asked":       {films, film, "mean", "id,mass,edema\nb,0,0\na,0,0\n", "id,mass,edema\nb,0.375,0.25\na,0.875,0.25\n", "such as b: they get the mean"},
		"a row for each target":            {films, film, "", "ID,Label\nim/a.png_Mass,0.5\na_Edema,0.5\nb_Mass,0.5\n", "ID,Label\nim/a.png_Mass,0.875\na_Edema,0.25\nb_Mass,0.375\n", ""},
		"the mean of its target":           {films, film, "mean", "ID,Label\na_Mass,0.5\nz_Mass,0.5\nz,0.5\n", "ID,Label\na_Mass,0.875\nz_Mass,0.625\nz,0.5\n", "2 of the 3 rows"},
		"what it says already":             {films, film, "keep", "ID,Label\na_Mass,0.5\nz_Mass,0.1\n", "ID,Label\na_Mass,0.875\nz_Mass,0.1\n", "they stay as they are"},
		"classes of a target":              {breasts, []stage.Prediction{likeCase("x_density", "density", 0.5, 0.25, 0.25, 0, 0), likeCase("x_mass", "mass", 0, 0, 0, 0.75, 0.25)}, "", "id,density_a,density_c,mass\nx,,,\n", "id,density_a,density_c,mass\nx,0.5,0.25,0.25\n", ""},
		"nothing for a row":                {grades, two, "", "id,severe\na,\nc,\n", "1 of the 2 rows of", ""},
		"nothing for any":                  {grades, two, "mean", "id,severe\nc,\n", "they are called as c, and predictions as im/a.png", ""},
		"two images of one name":           {grades, []stage.Prediction{likeCase("one/a.png", "", 1, 0), likeCase("two/a.png", "", 0, 1), likeCase("two/b.png", "", 0, 1)}, "", "id,severe\nb,\na,\n", "such as a", ""},
		"columns of something else":        {films, film, "", "id,x,y\na,,\n", "asks for x, y, which the run does not tell", ""},
		"a column twice":                   {grades, two, "", "id,severe,severe\na,,\n", "asks for severe, severe", ""},
		"rows of other lengths":            {grades, two, "", "id,severe\na\n", "wrong number of fields", ""},
		"no rows":                          {grades, two, "", "id,severe\n", "has not one row to fill", ""},
		"a mark of the order of its bytes": {grades, two, "", "\ufeffid,severe\na,\nb,\n", "id,severe\na,0.25\nb,0.5\n", ""},
	} {
		p := predict.Predictor{Opened: finished.Opened{Asked: test.asked}, Samples: map[string]string{}}
		for _, item := range test.items {
			p.Samples[item.CaseID] = strings.TrimSuffix(item.CaseID, "_"+item.Tags[stage.TargetTag])
		}
		file := filepath.Join(t.TempDir(), "sample.csv")
		if err := os.WriteFile(file, []byte(test.table), 0o600); err != nil {
			t.Fatal(err)
		}
		var out, said strings.Builder
		like, err := readLikeness(file, test.fill, test.asked)
		if err == nil {
			err = like.write(&out, newConsole(world{err: &said, now: time.Now}), p, test.items)
		}
		switch {
		case err != nil && (strings.HasSuffix(test.want, "\n") || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: got the error %v, want %q", name, err, test.want)
		case err == nil && out.String() != test.want:
			t.Errorf("%s: got\n%s, want\n%s", name, out.String(), test.want)
		case !strings.Contains(said.String(), test.says) || test.says == "" && said.Len() > 0:
			t.Errorf("%s: it says %q, want %q", name, said.String(), test.says)
		}
	}
}

// TestLikeRefused: what --like cannot be asked for together with, and tables that cannot be filled.
func TestLikeRefused(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]predictCommand{
		"": {Like: "t.csv", Fill: "mean"}, "--fill is about the rows of --like": {Fill: "keep"},
		"--like says what the columns are, and so do --json and --wide": {Like: "t.csv", JSON: true},
	} {
		if err := c.fitsLikeness(); (err != nil) != (want != "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", c, err, want)
		}
	}
	if (predictCommand{Like: "t.csv", Wide: true}).fitsLikeness() == nil {
		t.Error("--like and --wide are no error")
	}
	asked := stage.Questions{Classes: []string{"no", "yes"}}
	file := filepath.Join(t.TempDir(), "one.csv")
	if err := os.WriteFile(file, []byte("id\na\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{file: "has not one row to fill", file + "x": "no such file"} {
		if _, err := readLikeness(path, "", asked); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}

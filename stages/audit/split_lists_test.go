package audit

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// inSplits gives the ids of cases by split: "train: a b".
func inSplits(cases []stage.Case) string {
	var out []string
	for _, split := range stage.Splits {
		var ids []string
		for _, c := range cases {
			if c.Split == split {
				ids = append(ids, c.ID)
			}
		}
		slices.Sort(ids)
		if ids != nil {
			out = append(out, string(split)+": "+strings.Join(ids, " "))
		}
	}
	return strings.Join(out, "; ")
}

// TestSplitLists: lists name files, with or without folders and endings, cases or groups.
func TestSplitLists(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	writeFiles(t, root, map[string]string{
		"cases.csv": "image,patient,label\na.png,p1,no\nb.png,p1,yes\nc.png,p2,yes\nd.png,p2,no\ne.png,p3,no\nf.png,p4,yes\n",
		"names.txt": "e.png\nf.png\nnobody.png\n", "stems.txt": "e\n\nf\n", "groups.txt": "p3\np4\n",
		"paths.txt":    strings.ReplaceAll("e.png,1,2\n'f.png'\n", "e.png", filepath.Base(root)+"/e.png"),
		"rest.txt":     "a\nb\n",
		"nobody.txt":   "image\nnobody.png\n",
		"overlaps.txt": "a\ne\n", "empty.txt": "\n",
		"all.txt": "a\nb\nc\nd\ne\nf\n",
	})
	run := func(split Split) (Cases, error) {
		cfg := Default
		cfg.Split = split
		cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "cases.csv")), Image: "image", Group: "patient", Labels: []string{"label"}}}
		return Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
	}
	lists := func(pairs ...string) map[string]registry.Path {
		out := map[string]registry.Path{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = registry.Path(filepath.Join(root, pairs[i+1]))
		}
		return out
	}
	for _, name := range []string{"names.txt", "stems.txt", "groups.txt", "paths.txt"} {
		got, err := run(Split{By: "study", Lists: lists("test", name)})
		if want := "train: a.png b.png c.png d.png; test: e.png f.png"; err != nil || inSplits(got.Cases) != want {
			t.Errorf("%s: got %s, %v; want %s", name, inSplits(got.Cases), err, want)
		}
	}
	got, err := run(Split{By: "study", Lists: lists("train", "rest.txt", "val", "names.txt"), Validation: 0.2})
	if want := "train: a.png b.png; validation: e.png f.png"; err != nil || inSplits(got.Cases) != want || len(got.Dropped) != 1 || got.Dropped[0].ID != "not_in_split_file" {
		t.Errorf("got %s, %+v, %v; want %s, and the rest left out", inSplits(got.Cases), got.Dropped, err, want)
	}
	got, err = run(Split{By: "study", Lists: lists("test", "names.txt"), Validation: 0.5, Stratify: []string{"label"}})
	if err != nil || strings.Count(inSplits(got.Cases), ";") != 2 || !strings.HasSuffix(inSplits(got.Cases), "; test: e.png f.png") || torn(got.Cases, func(c stage.Case) string { return c.Group }) != nil {
		t.Errorf("got %s, %v; want validation cases of those for training", inSplits(got.Cases), err)
	}
	for want, l := range map[string]map[string]registry.Path{
		`data.split.lists.test: nobody.txt names no case; its first name is "image", the first case is a.png`: lists("test", "nobody.txt"),
		"data.split.lists.train: a is named for test, too":                                                    lists("test", "overlaps.txt", "train", "rest.txt"),
		"data.split.lists.test: " + root + "/empty.txt is empty":                                              lists("test", "empty.txt"),
		"data.split.lists.test: " + root + "/none.txt is not there":                                           lists("test", "none.txt"),
		"data.split.lists: the lists leave no cases for training; 6 of 6 cases are named":                     lists("test", "all.txt"),
	} {
		if _, err := run(Split{By: "study", Lists: l}); err == nil || !strings.HasPrefix(registryText(err), want) {
			t.Errorf("got %s, want %s", registryText(err), want)
		}
	}
	if _, err := run(Split{By: "study", Folds: 2, Lists: lists("validation", "names.txt")}); err == nil || !strings.HasPrefix(registryText(err), "data.split.folds: a list says already what validates") {
		t.Errorf("got %v", err)
	}
}

// TestSplitListsKeepToOneKindOfName: where images and patients are both numbers, a number is
// what most of the lists mean by theirs; the longest path counts.
func TestSplitListsKeepToOneKindOfName(t *testing.T) {
	t.Parallel()
	root := alone(t)
	for i, name := range []string{"x/1.png", "x/2.png", "x/3.png", "y/3.png"} {
		picture(t, filepath.Join(root, name), noise(i))
	}
	writeFiles(t, root, map[string]string{
		"cases.csv":  "image,patient,label\nx/1.png,3,no\nx/2.png,1,yes\nx/3.png,2,no\ny/3.png,2,yes\n",
		"images.txt": "1\n2\n", "patients.txt": "2\n", "deep.txt": "y/3\n", "wide.txt": "1\nx/3\n",
	})
	for list, want := range map[string]string{
		"images.txt":   "train: x/3.png y/3.png; test: x/1.png x/2.png",
		"patients.txt": "train: x/1.png x/3.png y/3.png; test: x/2.png", // an image, as the first of both
		"deep.txt":     "train: x/1.png x/2.png x/3.png; test: y/3.png",
		"wide.txt":     "train: x/2.png y/3.png; test: x/1.png x/3.png",
	} {
		cfg := Default
		cfg.Split = Split{By: "row", Lists: map[string]registry.Path{"test": registry.Path(filepath.Join(root, list))}}
		cfg.Source = registry.One[Source]{Name: "table", Part: Table{File: registry.Path(filepath.Join(root, "cases.csv")), Image: "image", Group: "patient", Labels: []string{"label"}}}
		got, err := Run(t.Context(), stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}, cfg)
		if err != nil || inSplits(got.Cases) != want {
			t.Errorf("%s: got %s, %v; want %s", list, inSplits(got.Cases), err, want)
		}
	}
}

// TestFoldersOfSplits: folders train, val and test above those of the classes are splits.
func TestFoldersOfSplits(t *testing.T) {
	t.Parallel()
	root := alone(t)
	for i, name := range []string{"Training/no/p1_1.png", "Training/yes/p2_1.png", "Training/yes/p2_2.png", "Testing/no/p1_1.png", "val/yes/p3_1.png", "__MACOSX/no/x.png"} {
		picture(t, filepath.Join(root, name), noise(i))
	}
	folders := Folders{Root: registry.Path(root), Splits: []string{"Training", "Testing", "val"}}
	cases, told, err := foundIn(t, folders)
	want := []string{"Training/no/p1_1.png no [split:train]", "Training/yes/p2_1.png yes [split:train]", "Training/yes/p2_2.png yes [split:train]", "Testing/no/p1_1.png no [split:test]", "val/yes/p3_1.png yes [split:validation]"}
	if err != nil || !slices.Equal(cases, want) || !slices.Equal(told, []string{"unused_split split"}) {
		t.Errorf("got %q, %q, %v; want %q", cases, told, err, want)
	}
	cfg := Default
	cfg.Source = registry.One[Source]{Name: "folders", Part: folders}
	cfg.Split = Split{By: "study", Column: SplitTag}
	env := stage.Env{Recorder: stage.Discard, Cache: t.TempDir(), Workers: 1}
	got, err := Run(t.Context(), env, cfg)
	if want := "train: Training/no/p1_1.png Training/yes/p2_1.png Training/yes/p2_2.png; validation: val/yes/p3_1.png; test: Testing/no/p1_1.png"; err != nil || inSplits(got.Cases) != want {
		t.Errorf("got %s, %v; want %s", inSplits(got.Cases), err, want)
	}
	if slices.ContainsFunc(got.Findings, func(f Finding) bool { return f.ID == "unused_split" || f.ID == "study_in_two_splits" }) {
		t.Errorf("got %+v", got.Findings)
	}
	folders.Group = "^(p[0-9]+)_"
	cfg.Source.Part = folders
	got, err = Run(t.Context(), env, cfg)
	at := slices.IndexFunc(got.Findings, func(f Finding) bool { return f.ID == "study_in_two_splits" })
	if err != nil || at < 0 || !strings.Contains(got.Findings[at].Reason, "the split that data.split.column fixes") {
		t.Errorf("got %+v, %v; want p1 in two splits", got.Findings, err)
	}
	folders.Splits = nil
	if _, _, err := foundIn(t, folders); err == nil || !strings.Contains(registryText(err), "the folders of "+root+" are those of splits: Testing, Training, val") {
		t.Errorf("got %v", err)
	}
}

// TestListsOfViews: a list of images names a sample by any of its views.
func TestListsOfViews(t *testing.T) {
	t.Parallel()
	c := stage.Case{ID: "p1", Image: "in/a.png", Views: []stage.Mark{{Name: "left"}, {Name: "right", Image: "in/a.png"}, {Name: "top", Image: "in/b.png"}}}
	if got := fileNames(c); !slices.Contains(got, "b") || !slices.Contains(got, "a.png") || slices.Contains(got, "") {
		t.Errorf("got %q", got)
	}
}

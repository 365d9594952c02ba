package asking

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// sentFiles copies slices of a synthetic study to where a request would have written them: so many
// of each series, by names that fields of format make of the series and the slice.
func sentFiles(t *testing.T, dir string, name func(series, slice int) string, series, slices int) (files []string) {
	t.Helper()
	data := t.TempDir()
	if _, err := synth.Write(t.Context(), data, synth.Options{Seed: 3, Studies: 1, Size: 64}); err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join(data, "train_images", "*", "*"))
	if err != nil || len(folders) < series {
		t.Fatal(folders, err)
	}
	for s, folder := range folders[:series] {
		found, err := filepath.Glob(filepath.Join(folder, "*.dcm"))
		if err != nil || len(found) < slices {
			t.Fatal(found, err)
		}
		for i, from := range found[:slices] {
			content, err := os.ReadFile(from)
			if err != nil {
				t.Fatal(err)
			}
			files = append(files, writeSent(t, dir, name(s, i), content))
		}
	}
	return files
}

func writeSent(t *testing.T, dir, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func testEnv(t *testing.T) stage.Env {
	t.Helper()
	return stage.Env{Now: time.Now, Recorder: stage.Discard, Device: "cpu", Threads: 1, Workers: 1}
}

// TestArrange: loose slices go to a folder for each of their series; volumes and folders stay.
func TestArrange(t *testing.T) {
	t.Parallel()
	loose := func(s, i int) string { return string(rune('a'+s)) + string(rune('1'+i)) + ".dcm" }
	for name, c := range map[string]struct {
		wants  Wants
		series int
		want   string
	}{
		"images":                   {Wants{Sample: "image"}, 2, "a1.dcm a2.dcm b1.dcm b2.dcm s/c.dcm v.nii"},
		"slices of one series":     {Wants{Sample: "image", Stacks: true}, 1, "a1.dcm a2.dcm s/c.dcm v.nii"},
		"slices of two":            {Wants{Sample: "image", Stacks: true}, 2, "series-1/a1.dcm series-1/a2.dcm series-2/b1.dcm series-2/b2.dcm s/c.dcm v.nii"},
		"a series":                 {Wants{Sample: "series", Stacks: true}, 1, "series/a1.dcm series/a2.dcm s/c.dcm v.nii"},
		"two series":               {Wants{Sample: "series", Stacks: true}, 2, "series-1/a1.dcm series-1/a2.dcm series-2/b1.dcm series-2/b2.dcm s/c.dcm v.nii"},
		"a study of two":           {Wants{Sample: "study", Stacks: true}, 2, "study/series-1/a1.dcm study/series-1/a2.dcm study/series-2/b1.dcm study/series-2/b2.dcm s/c.dcm study/v.nii"},
		"views, one file for each": {Wants{Sample: "study", Stacks: true, Views: twoViews}, 2, "a1.dcm a2.dcm b1.dcm b2.dcm s/c.dcm v.nii"},
	} {
		dir := t.TempDir()
		files := append(sentFiles(t, dir, loose, c.series, 2), writeSent(t, dir, "s/c.dcm", nil), writeSent(t, dir, "v.nii", nil))
		sent := slices.Clone(files)
		got, err := c.wants.arrange(t.Context(), testEnv(t), Question{Dir: dir, Files: files})
		if err != nil {
			t.Fatal(err)
		}
		if text := strings.Join(got.Files, " "); text != c.want || !slices.Equal(files, sent) {
			t.Errorf("%s: got %s, want %s", name, text, c.want)
		}
		for i, file := range got.Files {
			if _, err := os.Stat(filepath.Join(dir, file)); err != nil || got.sent(file) != sent[i] || got.now(sent[i]) != file || got.sent(file+"#3") != sent[i]+"#3" || got.now(sent[i]+"#3") != file+"#3" {
				t.Errorf("%s: %s is %s there, and was %s: %v", name, sent[i], got.now(sent[i]), got.sent(file), err)
			}
		}
	}
}

// TestMixed: a folder with slices of two series is told, and one slice alone where nets go by all.
func TestMixed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	files := sentFiles(t, dir, func(s, i int) string { return "all/" + string(rune('a'+s)) + string(rune('1'+i)) }, 2, 2)
	got, err := Wants{Sample: "series", Stacks: true}.arrange(t.Context(), testEnv(t), Question{Dir: dir, Files: files})
	if err != nil || len(got.warnings) != 1 || !strings.Contains(got.warnings[0], "the files of all are of 2 series by their headers, and are taken for one") {
		t.Errorf("got %q, %v", got.warnings, err)
	}
	dir = t.TempDir()
	files = sentFiles(t, dir, func(int, int) string { return "1.dcm" }, 1, 1)
	got, err = Wants{Sample: "image", Stacks: true, Slices: true}.arrange(t.Context(), testEnv(t), Question{Dir: dir, Files: files})
	if err != nil || len(got.warnings) != 1 || !strings.Contains(got.warnings[0], "one slice came") {
		t.Errorf("got %q, %v", got.warnings, err)
	}
}

// TestUnasked: series that no point lies in are told.
func TestUnasked(t *testing.T) {
	t.Parallel()
	a := arranged{Question: Question{Files: []string{"s/1", "s/2", "t/1", "4", "v.nii"}, Points: map[string]stage.Point{"s/2": {}}}}
	want := "no point lies in t: nothing was asked about it|no point lies in the files in no folder: nothing was asked about it|no point lies in v.nii: nothing was asked about it"
	if got := strings.Join(a.unasked(), "|"); got != want {
		t.Errorf("got %s", got)
	}
}

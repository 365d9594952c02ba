package experiments

import (
	"reflect"
	"slices"
	"strings"
	"testing"
)

// TestPortable: an experiment that has all that must stay at home leaves it there, the rest
// is as it was, and what comes out can be read again.
func TestPortable(t *testing.T) {
	t.Parallel()
	text := `
name: x
data:
  source: {table: {file: /home/me/cases.csv, root: /home/me, group: patient, tags: [site], held_out: {test: /home/me/test.csv}, join: [{file: /home/me/more.csv, on: [patient]}]}}
  drop: {studies: ["777123"], rows_file: /home/me/drop.csv}
  keep: {rows: ["777124"]}
  split: {file: /home/me/split.csv}
preprocess: [decode, window, {resize: {pixels: 32}}]
model: {backbone: {resnet18: {weights: /home/me/net.pth}}}
train: {soft_labels: {file: /home/me/oof.csv}, phases: [{name: all, train: [all], epochs: 1}]}
sweep: {search: grid, space: {model.backbone.resnet18.weights: {choice: [/home/me/a.pth, /home/me/b.pth]}}}
`
	e, err := Stored(text)
	if err != nil {
		t.Fatal(err)
	}
	whole := string(Resolved(e))
	got, left := Portable(e)
	out := string(Resolved(got))
	for _, home := range []string{"/home/me", "777123", "777124"} {
		if strings.Contains(out, home) {
			t.Errorf("%s is still there:\n%s", home, out)
		}
	}
	slices.Sort(left)
	want := []string{"data.drop", "data.drop.rows_file", "data.keep", "data.source.table.file", "data.source.table.held_out.test", "data.source.table.join.0.file", "data.source.table.root", "data.split.file", "model.backbone.resnet18.weights", "sweep", "train.soft_labels"}
	if !slices.Equal(left, want) {
		t.Errorf("left out: got %q, want %q", left, want)
	}
	if string(Resolved(e)) != whole {
		t.Error("the experiment itself was changed")
	}
	again, err := Stored(out)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if string(Resolved(again)) != out || !reflect.DeepEqual(again.Preprocess, e.Preprocess) || !reflect.DeepEqual(again.Train, got.Train) {
		t.Errorf("read again it is another:\n%s", out)
	}
}

// TestWordsStay: weights that a word names are nobody's path.
func TestWordsStay(t *testing.T) {
	t.Parallel()
	e, err := Stored("name: x\ndata: {source: {folders: {root: /data}}}\npreprocess: [decode, window, {resize: {pixels: 32}}]\nmodel: {backbone: {resnet18: {weights: imagenet}}}\ntrain: {phases: [{name: all, train: [all], epochs: 1}]}")
	if err != nil {
		t.Fatal(err)
	}
	got, left := Portable(e)
	if file := got.Model.Backbone.Part.File(); file != "imagenet" {
		t.Errorf("got the weights %q", file)
	}
	if !slices.Equal(left, []string{"data.source.folders.root"}) {
		t.Errorf("left out: got %q", left)
	}
}

package experiments

import (
	"testing"

	"vertebra/stages/registry"
)

// On a terminal each mistake shows its source line, also that of a file which
// is inherited.
func TestExcerpts(t *testing.T) {
	t.Parallel()
	_, _, err := loadExperiment(inMemory(map[string]string{
		"a.yaml": "extends: b.yaml\nname: a\npurpose: 細い 'ü'\nmodel: {backbone: {convnet: {weigths: 8}}}\n",
		"b.yaml": "name: b\r\ndata: {source: {rsna: {root: d}}}\r\ntrain:\r\n  phases: [{name: 'é\t', train: [all], epochs: 1.5}]\r\n",
	}), "a.yaml", []string{"train.batch=0"})
	problems, ok := err.(registry.Problems)
	if !ok {
		t.Fatalf("got %v", err)
	}
	const want = `--set train.batch=0: train.batch: want at least 1, got 0
a.yaml:4:30: model.backbone.convnet: no setting "weigths"; did you mean weights? (known: widths, weights)
    4 | model: {backbone: {convnet: {weigths: 8}}}
      |                              ^
b.yaml:4:47: train.phases.0.epochs: want a whole number, got 1.5 (inherited by a.yaml)
    4 |   phases: [{name: 'é ', train: [all], epochs: 1.5}]
      |                                               ^`
	if got := problems.Excerpts(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

package experiments

import (
	"errors"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// older is what a program before those settings stored, as far as it matters here.
const older = `name: old
seed: 7
data:
  source: {rsna: {root: /data/rsna}}
  split: {by: study, stratify: label, validation: 0.25, test: 0.2}
preprocess:
  - decode: {colour: grey}
  - crop: {millimetres: 40.0}
  - window: {percentiles: [1.0, 99.0], scope: image}
  - resize: {pixels: 16}
model: {backbone: {convnet: {widths: [4, 8]}}}
train:
  phases:
    - {name: head, train: [head], epochs: 1, schedule: plateau}
    - {name: all, train: [all], epochs: 2, schedule: {plateau: {factor: 0.3, patience: 2, min_delta: 0.001, min_rate: 0.0}}}
evaluate:
  metrics: [accuracy, {subgroups: {tags: [level]}}, f1]
`

// TestStoredByOlderPrograms: what was trained is read as it was trained, and not with defaults that
// mean something else.
func TestStoredByOlderPrograms(t *testing.T) {
	t.Parallel()
	for what, decode := range map[string]string{"with its settings": "decode: {colour: grey}", "without settings": "decode"} {
		text := strings.Replace(older, "decode: {colour: grey}", decode, 1)
		e, err := Stored(text)
		if err != nil {
			t.Fatal(err)
		}
		now := string(Resolved(e))
		for _, want := range []string{
			"padding: keep", "    seed: 7\n", "stratify: [label]", "scope: crop", "subgroups: [level]", "factor: 0.3\n", "patience: 2\n", "factor: 0.1\n",
		} {
			if !strings.Contains(now, want) {
				t.Errorf("%s: %q is not in\n%s", what, want, now)
			}
		}
		if n := strings.Count(now, "plateau_keras:"); n != 2 {
			t.Errorf("%s: %d schedules are Keras' plateau, want 2:\n%s", what, n, now)
		}
		if e.Data.Split.Seed != 7 || len(e.Evaluate.Metrics) != 2 {
			t.Errorf("%s: got the split's seed %d and %d metrics", what, e.Data.Split.Seed, len(e.Evaluate.Metrics))
		}
		if !MeansOther(text) || MeansOther(now) {
			t.Errorf("%s: what is written today means something else, or what was written then does not", what)
		}
		if again, err := Stored(now); err != nil || string(Resolved(again)) != now {
			t.Errorf("%s: what this program writes is read as something else: %v", what, err)
		}
	}
}

// TestStoredKeepsWhatItSays: a meaning is that of a setting that is missing, not of one that is there.
func TestStoredKeepsWhatItSays(t *testing.T) {
	t.Parallel()
	said := strings.NewReplacer("{colour: grey}", "{colour: grey, padding: darkest}", "test: 0.2}", "test: 0.2, seed: 3}", "stratify: label", "stratify: []").Replace(older)
	e, err := Stored(said)
	if err != nil {
		t.Fatal(err)
	}
	if now := string(Resolved(e)); !strings.Contains(now, "padding: darkest") || e.Data.Split.Seed != 3 || len(e.Data.Split.Stratify) != 0 {
		t.Errorf("got\n%s", now)
	}
	for _, text := range []string{"", "- a list", "what: nobody knows", "a: b: c"} {
		if got := inWordsOfNow(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// TestStoredByNewerPrograms: what this program does not know is of another version, and no mistake
// in a file of somebody's.
func TestStoredByNewerPrograms(t *testing.T) {
	t.Parallel()
	for what, read := range map[string]func(string) error{
		"experiment": func(text string) error { _, err := Stored(text); return err },
		"ensemble":   func(text string) error { _, err := StoredEnsemble(text); return err },
		"validation": func(text string) error { _, err := StoredValidation(text); return err },
	} {
		err := read("name: a\nfuture: {x: 1}\n")
		var fault stage.Fault
		var problems registry.Problems
		if !errors.As(err, &fault) || errors.As(err, &problems) || !strings.Contains(fault.Hint, "use the version that made it") ||
			!strings.Contains(err.Error(), "the run's "+what+" is of another version of this program: ") {
			t.Errorf("%s: got %v", what, err)
		}
	}
	newer := strings.Replace(older, "name: old", "name: old\nfuture: 1", 1)
	if _, err := Stored(newer); err == nil || !strings.Contains(err.Error(), `program: no setting "future"`) {
		t.Errorf("got %v", err)
	}
	twice := strings.Replace(newer, "seed: 7", "seed: 7\nnever: 2", 1)
	if _, err := Stored(twice); err == nil || !strings.Contains(err.Error(), ", and 1 more") {
		t.Errorf("got %v", err)
	}
}

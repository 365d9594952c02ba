package experiments

import (
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
)

// TestForeignWords: each word of others leads to a setting or a part that there is.
func TestForeignWords(t *testing.T) {
	t.Parallel()
	for word, one := range foreignSettings {
		if _, ok := SectionAt(one.at); one.at != "" && !ok {
			t.Errorf("%s: there is no %s", word, one.at)
		}
	}
	for word, of := range sameWords {
		if _, known := foreignSettings[of]; !known {
			t.Errorf("%s: %s is no word of the list", word, of)
		}
	}
	kinds := registry.KindsOf(Default())
	for word, part := range foreignParts {
		what, _, _ := strings.Cut(word, ":")
		at := slices.IndexFunc(kinds, func(k registry.KindInfo) bool { return k.What == what })
		for name := range strings.SplitSeq(strings.ReplaceAll(part, " or ", ", "), ", ") {
			name, setting, _ := strings.Cut(name, " with ")
			setting, _, _ = strings.Cut(setting, ":")
			if at < 0 || !slices.ContainsFunc(kinds[at].Parts, func(p registry.PartInfo) bool {
				return p.Name == name && (setting == "" || slices.ContainsFunc(p.Settings, func(s registry.Setting) bool { return s.Name == setting }))
			}) {
				t.Errorf("%s: there is no %s %s %s", word, what, name, setting)
			}
		}
	}
}

// TestMeant: hints say what words of others are called, and leave what is right already.
func TestMeant(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, hint, want string }{
		{`no setting "batch_size"`, "known: batch, loss", "images in a step are train.batch (known: batch, loss)"},
		{`no setting "num_workers"`, "", "images decoded at once are a flag of the command line: --workers"},
		{`no setting "by"`, "known: factor", "known: factor"},
		{`no setting "epochs"`, "known: batch", "did you mean train.phases[].epochs? (known: batch)"},
		{`no setting "mixup"`, "known: batch", "did you mean augment[]: mixup? (known: batch)"},
		{`no setting "bacth"`, "did you mean batch? (known: batch, loss)", "did you mean batch? (known: batch, loss)"},
		{`no setting "nonsense"`, "known: batch", "known: batch"},
		{`no setting "name"`, "known: batch", "did you mean name or train.phases[].name? (known: batch)"},
		{`no metric "ROC-AUC"`, "known: auroc, f1", "did you mean auroc? (known: auroc, f1)"},
		{`no loss "BCEWithLogitsLoss"`, "known: focal", "did you mean cross_entropy? (known: focal)"},
		{`no backbone "tf_efficientnetv2_s"`, "did you mean efficientnet_v2_s?", "did you mean efficientnet_v2_s with variant: tensorflow?"},
		{`no augmentation "ColorJitter"`, "known: blur", "did you mean brightness, contrast, saturation or hue? (known: blur)"},
		{`no domain "uniform"`, "known: choice, range", "did you mean range? (known: choice, range)"},
		{`want a number, got "lr"`, "", ""},
		{`no schedule "plateau"`, "did you mean plateau_pytorch? (known: plateau_keras, plateau_pytorch)", "older versions called plateau_keras so; plateau_pytorch waits an epoch longer (known: plateau_keras, plateau_pytorch)"},
		{`no metric "subgroups"`, "known: f1", "it is a setting beside metrics: evaluate: {subgroups: [condition, level]} (known: f1)"},
		{`"image" is not a known word`, "known: series, slice, crop", "known: series, slice, crop"},
	} {
		if got := meant(registry.Problem{Text: c.text, Hint: c.hint}); got != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
	scope := registry.Problem{Path: "preprocess.2.window.scope", Text: `"image" is not a known word`, Hint: "known: series, slice, crop"}
	if got, want := meant(scope), "older versions called crop so (known: series, slice, crop)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

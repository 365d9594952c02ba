package methods

import (
	"fmt"
	"strings"

	"vertebra/stages/registry"
)

// images says what became of an image before the net saw it.
func (t *text) images() {
	t.say("## Preprocessing\n")
	t.say("Each image went through these steps, in this order:\n")
	for i, step := range t.of.Preprocess {
		t.say("%d. %s: %s.", i+1, registry.Words(step), step.Help())
	}
	t.say("")
	input := t.of.Model.Input
	size := ""
	if _, of, found := strings.Cut(t.run.Fact("preprocessed images"), " of "); found {
		shape, _, _ := strings.Cut(of, ",")
		size = "They led to images of " + shape + " (channels × rows × columns)."
	}
	seen := ""
	if input.CenterCrop > 0 {
		seen = fmt.Sprintf("The net sees the middle %d × %d pixels.", input.CenterCrop, input.CenterCrop)
	}
	if input.MiddleSlices > 0 {
		seen = strings.TrimSpace(seen + fmt.Sprintf(" It sees the middle %d slices of each stack.", input.MiddleSlices))
	}
	t.paragraph(size, fmt.Sprintf("Of pixels from 0 to 1 the mean %s was subtracted, and they were divided by the standard deviation %s.", list(input.Mean), list(input.Std)), seen)
}

func list(values []float64) string {
	var out []string
	for _, v := range values {
		out = append(out, number(v))
	}
	return strings.Join(out, ", ")
}

// neutral are words of settings of augmentations that change nothing.
var neutral = []string{"p 1", "from 1"}

// augmentation says what was done at random to images of the training, and to those predicted.
func (t *text) augmentation() {
	t.say("### Augmentation\n")
	if len(t.of.Augment) == 0 {
		t.paragraph("Images of the training were not changed at random.")
	} else {
		t.say("Images of the training were changed at random, anew in each epoch, by these in this order (p is the chance that an image gets it, 1 unless it is said):\n")
		for _, part := range t.of.Augment {
			t.say("- %s: %s", registry.Words(part, neutral...), part.Help())
		}
		t.say("")
	}
	if views := t.of.Train.TestTime.Views; len(views) > 0 {
		t.paragraph(fmt.Sprintf("For the final predictions each image was shown as it is and in these views, and the %s were averaged (test-time augmentation): %s.", t.of.Train.TestTime.Average, registry.Words(views)))
	}
}

package methods

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/train"
)

// model says what the net is, and what its weights were at first.
func (t *text) model() {
	m := t.of.Model
	t.say("## Model\n")
	began := "Its weights were drawn at random before the training."
	if from := t.run.Fact("weights"); from != "" {
		began = fmt.Sprintf("It began with weights of the content %s.", from)
	}
	t.paragraph(
		fmt.Sprintf("The backbone is %s: %s.", registry.Words(m.Backbone), m.Backbone.Help()),
		began,
		pooled(m),
		t.slicesSeen(), t.sharedViews(),
		head(m.Head),
		parameters(t.run.Fact("parameters")),
	)
	if m.Lora != nil {
		t.paragraph(fmt.Sprintf("Large layers were trained by corrections of low rank (LoRA, Hu et al. 2021: %s).", registry.Words(*m.Lora)))
	}
	if p := t.of.Pretrain; p != nil {
		of := "the images of the training split, without their labels"
		if len(p.Images) > 0 || p.Source != nil {
			of += ", and further images that nobody labelled; none that shared an image, a study or a patient with validation or test"
		}
		does, _, _ := strings.Cut(p.Method.Help(), ";")
		t.paragraph(fmt.Sprintf("Before, the backbone learnt from images alone, in two views of each: %s, which %s. It took %d epochs in batches of %d of %s. Views were made by %s; the optimizer was %s, its rate followed %s.",
			registry.Words(p.Method), does, p.Epochs, p.Batch, of, registry.Words(p.Augment, neutral...), registry.Words(p.Optimizer), registry.Words(p.Schedule)))
	}
	if l := t.of.Locate; l != nil {
		t.paragraph("Another net finds the point that images are cropped around where nobody marked any. It was trained before, on the marked points of the same training cases.")
	}
}

func pooled(m model.Config) string {
	if !m.Pools() {
		return ""
	}
	return fmt.Sprintf("Its last maps are pooled by %s: %s.", registry.Words(m.Pool), m.Pool.Help())
}

// parameters puts commas into their number.
func parameters(fact string) string {
	n, err := strconv.Atoi(fact)
	if err != nil {
		return ""
	}
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return fmt.Sprintf("The whole net has %s parameters.", digits)
}

func (t *text) slicesSeen() string {
	if s := t.of.Model.Slices; s != nil {
		return fmt.Sprintf("Each slice of a stack goes through the backbone by itself; their features are pooled by %s: %s.", registry.Words(*s), s.Help())
	}
	return ""
}

func (t *text) sharedViews() string {
	switch {
	case len(t.of.Data.Views) == 0:
		return ""
	case t.of.Model.Views == "shared":
		return "Each view goes through the same backbone, and their features lie side by side."
	}
	return "The views are channels of one image."
}

// head names the layers behind the backbone.
func head[P any](layers []registry.One[P]) string {
	if len(layers) == 0 {
		return "A linear layer on its features gives the outputs."
	}
	return fmt.Sprintf("On its features follow %s, and a linear layer that gives the outputs.", registry.Words(layers))
}

// learning says what was made small, how, for how long, and which weights were kept.
func (t *text) learning() {
	c := t.of.Train
	t.say("## Training\n")
	t.paragraph(
		fmt.Sprintf("The loss is %s: %s.", registry.Words(c.Loss), c.Loss.Help()),
		t.balanced(c.Balance), softened(c.SoftLabels),
	)
	t.paragraph(
		fmt.Sprintf("The optimizer is %s: %s.", registry.Words(c.Optimizer), c.Optimizer.Help()),
		fmt.Sprintf("A batch has %d cases.", c.BatchSize()),
		limited(c), averaged(c),
		t.precision(),
	)
	t.say("The training has %s:\n", plural(len(c.Phases), "phase", "phases"))
	for i, p := range c.Phases {
		t.say("%d. %s", i+1, t.phase(p))
	}
	t.say("")
	t.phases()
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "one " + one
	}
	return fmt.Sprint(n, " ", many)
}

// balanced says how classes were weighed and drawn, with the weights that came out.
func (t *text) balanced(b train.Balance) string {
	var said []string
	if b.ClassWeights != "none" {
		said = append(said, fmt.Sprintf("Classes were weighed (%s)%s.", b.ClassWeights, t.classWeights()))
	}
	if b.Sampling != "none" {
		said = append(said, fmt.Sprintf("Cases were drawn by class (%s).", registry.Words(train.Balance{Sampling: b.Sampling, Repeat: b.Repeat})))
	}
	if len(b.Targets) > 0 {
		said = append(said, fmt.Sprintf("Answers were weighed by target: %s.", registry.Words(b.Targets)))
	}
	return strings.Join(said, " ")
}

func (t *text) classWeights() string {
	table, ok := t.stored("balance")
	if !ok || !slices.Contains(table.Columns, "class weight") || !slices.Contains(table.Columns, "class") {
		return ""
	}
	var out strings.Builder
	before := ""
	for _, row := range columns(table, "target", "class", "class weight") {
		target, weight := worded(row[0]), worded(row[1])+" "+worded(row[2])
		switch {
		case target != before:
			fmt.Fprintf(&out, "; %s: %s", target, weight)
		default:
			out.WriteString(", " + weight)
		}
		before = target
	}
	return ": " + strings.TrimLeft(out.String(), ";, ")
}

func softened(s *train.SoftLabels) string {
	if s == nil {
		return ""
	}
	return fmt.Sprintf("Labels of training cases were mixed with probabilities of a file (%s); validation and test keep their labels.", registry.Words(*s))
}

func limited(c train.Config) string {
	var said []string
	if words := registry.Words(c.Clip); words != "" {
		said = append(said, fmt.Sprintf("Gradients were clipped (%s).", words))
	}
	if c.Decay.On == "weights" {
		said = append(said, "Neither biases nor normalisation lose weight by decay.")
	}
	if len(c.Decay.L2) > 0 {
		said = append(said, fmt.Sprintf("The sum of squared weights joined the loss: %s.", registry.Words(c.Decay.L2)))
	}
	return strings.Join(said, " ")
}

func averaged(c train.Config) string {
	switch {
	case c.EMA != nil:
		return fmt.Sprintf("An exponential moving average of the weights (%s) was validated and kept.", registry.Words(*c.EMA))
	case c.SWA != nil:
		return fmt.Sprintf("From %s of each phase's epochs on, the mean of the weights after each epoch was validated and kept, with the statistics of batch-norm measured anew on the training images (stochastic weight averaging, Izmailov et al. 2018).", percent(c.SWA.From))
	}
	return ""
}

func (t *text) precision() string {
	if p := t.run.Fact("precision"); p != "" {
		return fmt.Sprintf("Products and convolutions were computed in %s.", p)
	}
	return ""
}

// phase says what one phase trains, and how it ends.
func (t *text) phase(p train.Phase) string {
	what := slices.Clone(p.Train)
	if p.LastBlocks > 0 {
		what = append(what, fmt.Sprintf("the last %d blocks with the head", p.LastBlocks))
	}
	said := []string{fmt.Sprintf("*%s*: trains %s for at most %d epochs, with a learning rate of %s (schedule %s).", p.Name, and(what), p.Epochs, number(t.of.Train.RateOf(p)), registry.Words(p.Schedule))}
	if p.Optimizer != nil {
		said = append(said, fmt.Sprintf("Its optimizer is %s.", registry.Words(*p.Optimizer)))
	}
	if len(p.Optimizers) > 0 {
		said = append(said, fmt.Sprintf("Other optimizers by group: %s.", registry.Words(p.Optimizers)))
	}
	if len(p.Factors) > 0 {
		said = append(said, fmt.Sprintf("The rate is multiplied by group: %s.", registry.Words(p.Factors)))
	}
	if p.LayerDecay < 1 {
		said = append(said, fmt.Sprintf("Each block's rate is %s times that of the next one nearer the head.", number(p.LayerDecay)))
	}
	if p.Unfreeze != nil {
		said = append(said, fmt.Sprintf("Layers of the backbone join one after the other (%s).", registry.Words(*p.Unfreeze)))
	}
	monitor := p.Monitor
	if monitor == "" {
		monitor = t.of.Train.Monitor
	}
	if p.Stop != nil {
		said = append(said, fmt.Sprintf("It ends when %s is no better for %d epochs.", monitor, p.Stop.Patience))
	}
	if p.Keep == "last" || !t.of.Data.Split.Validates() {
		return strings.Join(append(said, "The weights of its last epoch were kept."), " ")
	}
	return strings.Join(append(said, fmt.Sprintf("The weights of the epoch with the best %s were kept.", monitor)), " ")
}

// phases is what the training came to.
func (t *text) phases() {
	var rows [][]any
	for _, p := range t.run.Phases {
		if p.LastEpoch < p.FirstEpoch {
			continue
		}
		rows = append(rows, []any{p.Name, p.Trainable, p.LastEpoch - p.FirstEpoch + 1, p.BestEpoch, p.Ended})
	}
	if len(rows) > 0 {
		t.table("What that came to; epochs count through all phases:", []string{"phase", "trained parameters", "epochs", "best epoch", "ended"}, rows)
	}
}

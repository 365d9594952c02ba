package train

// Shapes: B batch, K classes, O outputs.

import (
	"errors"
	"fmt"
	"strings"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Reduce is the setting that most losses share.
type Reduce struct {
	Reduction string `help:"the weighted losses of a batch are added up and divided by the sum of the weights as PyTorch does (weighted_mean), by the number of cases as Keras does (mean), or by nothing (sum)" oneof:"weighted_mean mean sum"`
}

var byWeights = Reduce{Reduction: "weighted_mean"}

func (r Reduce) kind() torch.LossReduction {
	switch r.Reduction {
	case "mean":
		return torch.LossMean
	case "sum":
		return torch.LossSum
	}
	return torch.LossWeightedMean
}

// batch is what the engine's losses take.
func (r Reduce) batch(logits_BO torch.Tensor, t Targets) torch.Classified {
	return torch.Classified{
		Logits: logits_BO, Labels: t.Labels_B, Shares: t.Shares_BK, ClassWeights: t.ClassWeights_K,
		SampleWeights: t.SampleWeights_B, Divisor: t.Divisor, Classes: len(t.Counts_K), Reduction: r.kind(),
	}
}

// Divisor is what the loss of the whole batch t divides by.
func (r Reduce) Divisor(s *torch.Scope, t Targets) torch.Tensor { return s.Divisor(r.whole(s, t)) }

func (r Reduce) whole(s *torch.Scope, t Targets) torch.Classified {
	of := t.Labels_B
	if t.Shares_BK.Valid() {
		of = t.Shares_BK
	}
	info := s.Describe(of)
	if len(info.Shape) == 0 {
		return torch.Classified{}
	}
	t.Divisor = torch.Tensor{}
	return r.batch(s.Zeros(torch.Float32, info.Shape[0], 1), t)
}

// Divisor is what the loss of a whole batch divides by. Micro-batches that get it
// in their Targets give losses, and gradients, that add up to the whole batch's.
// It is the zero Tensor for a loss that cannot be computed in parts; see
// Config.Divisible.
func (c Config) Divisor(s *torch.Scope, t Targets) torch.Tensor {
	if l, ok := c.Loss.Part.(divisible); ok {
		return l.Divisor(s, t)
	}
	return torch.Tensor{}
}

type divisible interface {
	Divisor(*torch.Scope, Targets) torch.Tensor
}

// Divisible says whether the loss of a batch can be computed in parts.
func (c Config) Divisible() bool {
	_, ok := c.innermost().(divisible)
	return ok
}

// innermost is the loss that others weigh or mix.
func (c Config) innermost() Loss {
	part := c.Loss.Part
	for {
		wrapper, ok := part.(interface{ inner() Loss })
		if !ok {
			return part
		}
		part = wrapper.inner()
	}
}

// Task is what a net must answer: numbers for the classes, of each target where there are
// several.
func (c Config) Task(asked stage.Questions) model.Task {
	task := model.Task{Targets: asked.Count(), Each: c.outputs(len(asked.Classes))}
	if asked.Among != nil {
		for target := range asked.Targets {
			task.Own = append(task.Own, c.outputs(len(asked.Of(target))))
		}
	}
	return task
}

func (c Config) outputs(classes int) int { return outputs(c.Loss.Part, classes) }

func outputs(l Loss, classes int) int {
	if l, ok := l.(interface{ Outputs(int) int }); ok {
		return l.Outputs(classes)
	}
	return classes
}

// Probabilities turns the net's outputs into probabilities_BK, as the loss means
// them: their softmax, unless it says otherwise.
func (c Config) Probabilities(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor {
	return probabilities(c.Loss.Part, s, logits_BO)
}

func probabilities(l Loss, s *torch.Scope, logits_BO torch.Tensor) torch.Tensor {
	type transform interface {
		Probabilities(*torch.Scope, torch.Tensor) torch.Tensor
	}
	if l, ok := l.(transform); ok {
		return l.Probabilities(s, logits_BO)
	}
	return s.Softmax(logits_BO)
}

// Fits says what of loss and balance does not go with these classes, so that it
// is known before anything runs.
func (c Config) Fits(asked stage.Questions) (problems []registry.FieldProblem) {
	if err := c.lossFits(asked); err != nil {
		problem := registry.FieldProblem{Path: "loss." + c.Loss.Name, Text: err.Error()}
		var one settingError
		if errors.As(err, &one) {
			problem.Path, problem.Text = problem.Path+"."+one.setting, one.text
		}
		problems = append(problems, problem)
	}
	sides, _ := augment.Names{Classes: asked.Classes, Targets: asked.Targets}.Sides() // whatever is wrong is told by CheckSides
	if sides.Classes != nil && c.TestTime.Swaps() && c.TestTime.Average == "logits" && !c.saysClasses() {
		problems = append(problems, registry.FieldProblem{Path: "test_time.average", Hint: "set it to probabilities",
			Text: fmt.Sprintf("the outputs of %s are no classes, so left and right cannot be swapped among logits", c.Loss.Name)})
	}
	return append(problems, c.Balance.fits(asked)...)
}

// saysClasses says whether each output of the net is about a class.
func (c Config) saysClasses() bool { return c.outputs(2) == 2 }

// lossFits asks the loss about the classes of each target.
func (c Config) lossFits(asked stage.Questions) error {
	kinds := asked.Kinds()
	if len(kinds) > 1 && !c.Divisible() {
		return fmt.Errorf("it is one number of all answers of a batch, which must have the same classes: those of %s are %s, those of %s %s",
			asked.Targets[kinds[0].Targets[0]], strings.Join(asked.Names(kinds[0].Targets[0]), ", "), asked.Targets[kinds[1].Targets[0]], strings.Join(asked.Names(kinds[1].Targets[0]), ", "))
	}
	for _, kind := range kinds {
		err, one := fits(c.Loss.Part, asked.Names(kind.Targets[0])), settingError{}
		switch {
		case err == nil:
			continue
		case len(kinds) > 1 && errors.As(err, &one):
			return settingError{one.setting, asked.Targets[kind.Targets[0]] + ": " + one.text}
		}
		return err
	}
	return nil
}

// FitsCases refuses a loss that asks of cases what they do not say. Paths are those within
// the section.
func (c Config) FitsCases(cases []stage.Case) []registry.FieldProblem {
	loss, asks := c.Loss.Part.(interface{ FitsCases([]stage.Case) error })
	if !asks {
		return nil
	}
	err, fault := loss.FitsCases(cases), stage.Fault{}
	if err == nil {
		return nil
	}
	if errors.As(err, &fault) {
		err = fault.Err
	}
	return []registry.FieldProblem{{Path: "loss." + c.Loss.Name, Text: err.Error(), Hint: fault.Hint}}
}

func fits(l Loss, classes []string) error {
	if l, ok := l.(interface{ Fits([]string) error }); ok {
		return l.Fits(classes)
	}
	return nil
}

// perClass makes a number for each class of the counts of the training cases, or of those
// of each answer's target: (K), or (B, K); none where there are none.
func (t Targets) perClass(s *torch.Scope, of func(counts []int) []float64) torch.Tensor {
	if t.Target_B == nil {
		return perClass(s, of(t.Counts_K))
	}
	each := make([][]float64, len(t.CountsOf_QK))
	for q, counts := range t.CountsOf_QK {
		each[q] = of(counts)
	}
	var out []float32
	for _, q := range t.Target_B {
		for _, v := range each[q] {
			out = append(out, float32(v))
		}
	}
	if len(out) == 0 {
		return torch.Tensor{}
	}
	return s.FromFloat32(out, int64(len(t.Target_B)), int64(len(t.Counts_K)))
}

// perClass is a list of one number for each class, on the device.
func perClass(s *torch.Scope, values []float64) torch.Tensor {
	if len(values) == 0 {
		return torch.Tensor{}
	}
	out := make([]float32, len(values))
	for i, v := range values {
		out[i] = float32(v)
	}
	return s.FromFloat32(out, int64(len(out)))
}

// settingError is about one setting of a part.
type settingError struct{ setting, text string }

func (e settingError) Error() string { return e.setting + ": " + e.text }

func wantPerClass(setting string, values []float64, n int) error {
	if len(values) != 0 && len(values) != n {
		return settingError{setting, fmt.Sprintf("want %d numbers, got %d", n, len(values))}
	}
	return nil
}

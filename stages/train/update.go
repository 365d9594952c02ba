package train

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"vertebra/stages/augment"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Clip limits gradients before an update.
type Clip struct {
	Value float64 `help:"each number of a gradient is limited to plus or minus this; 0 for no limit" min:"0"`
	Norm  float64 `help:"all gradients together are then scaled down to this Euclidean norm; 0 for no limit" min:"0"`
}

// Decay says which parameters lose weight.
type Decay struct {
	On string             `help:"what the optimizer's weight_decay acts on: every trained parameter as in PyTorch (everything), or neither biases nor normalisation nor what places and tokens are worth to a transformer (weights)" oneof:"everything weights"`
	L2 map[string]float64 `help:"factor by parameter group: factor times the sum of squared weights joins the loss that is trained, as Keras' regularizers.L2 does; biases, normalisation and embeddings are left out, and the loss that is reported is without it"`
}

// DefaultDecay is PyTorch's.
var DefaultDecay = Decay{On: "everything"}

// of gives the share of decay and the L2 factor of a parameter. Of several groups
// that hold it the narrowest counts.
func (d Decay) of(p *torch.Parameter, decay float64) (share, l2 float64) {
	switch {
	case len(p.Shape) > 1 && !p.Embedding:
		l2 = d.L2[model.Narrowest(slices.Sorted(maps.Keys(d.L2)), p.Name)]
	case d.On == "weights":
		decay = 0
	}
	return decay, l2
}

// oneStep is forward, backward and update. A loss that is not finite stops it
// before the weights change.
func (t *trainer) oneStep(s *torch.Scope, b batch, updates []torch.Update, sum *tally) error {
	t.watch.startStep(s)
	seen := t.nextBatch(s, b)
	t.watch.lap(s, ofAugmentation)
	loss, err := t.backward(s, b, seen, updates, sum)
	if err != nil {
		return err
	}
	if err := t.finite(s, loss); err != nil {
		return err
	}
	fits, err := t.unscale(s, updates)
	if fits && err == nil {
		fits, err = t.secondPass(s, b, seen, updates, sum)
	}
	if err != nil {
		return err
	}
	if fits {
		t.optimizer.StepWith(s, updates, torch.StepOptions{ClipValue: t.cfg.Clip.Value, ClipNorm: t.cfg.Clip.Norm})
		t.average(s)
	}
	t.watch.lap(s, ofUpdate)
	sum.images, sum.answers = sum.images+len(b.samples), sum.answers+len(b.rows)
	sum.loss += loss * float64(len(b.rows))
	return s.Err()
}

// findSides refuses a recipe, or views, that would give mirrored images wrong
// labels.
func (t *trainer) findSides() error {
	names := namesOf(t.images)
	if err := t.augment.CheckSides(names, t.planes(stage.Train)); err != nil {
		return fmt.Errorf("augment: %w", err)
	}
	if err := t.cfg.TestTime.CheckSides(names, t.planes(stage.Validation, stage.Test)); err != nil {
		return fmt.Errorf("train.test_time: %w", err)
	}
	t.sides, _ = names.Sides() // no flip needs them where there are none
	t.channels = channelsOf(names, t.images.Shape().Channels, t.sides)
	return nil
}

// planes lists the series types of some splits.
func (t *trainer) planes(splits ...stage.Split) []string {
	planes := map[string]bool{}
	for _, c := range t.images.Cases {
		if !slices.Contains(splits, c.Split) {
			continue
		}
		for _, plane := range c.Planes() {
			planes[plane] = true
		}
	}
	delete(planes, "")
	return slices.Sorted(maps.Keys(planes))
}

// namesOf are those of an image that may have a side.
func namesOf(images *preprocess.Images) augment.Names {
	return augment.Names{Classes: images.Classes, Targets: images.Targets, Among: images.Among, Views: images.Views, Covariates: images.Covariates.Columns()}
}

// channelsOf says which channel each one is in a mirrored image; nil where no view has a
// side.
func channelsOf(names augment.Names, channels int, sides augment.Sides) []int {
	if sides.Views == nil {
		return nil
	}
	return columns(augment.Sides{Targets: sides.Views}, len(names.Views), channels/len(names.Views))
}

func leaves(updates []torch.Update) []torch.Tensor {
	out := make([]torch.Tensor, len(updates))
	for i, u := range updates {
		out[i] = u.Parameter.Tensor
	}
	return out
}

// finite refuses a loss that is not. No smaller scale would mend that in float16
// either: it enters after the forward pass, which has moved batch-norm's statistics.
func (t *trainer) finite(s *torch.Scope, loss float64) error {
	if s.Err() == nil && (math.IsNaN(loss) || math.IsInf(loss, 0)) {
		hint := "lower the learning rate (" + t.cfg.in("optimizer") + " or the phase's rate), or look at the input's mean and spread in the report"
		if t.net.Precision() == torch.FP16 {
			hint = "float16 ends at 65504, which something in the net may have passed: set train.compute.precision to bf16 or fp32; or " + hint
		}
		return stage.Fault{
			Err:  stage.Failure{What: stage.NotANumber, Err: fmt.Errorf("the loss is %v; the weights were not updated", loss)},
			Hint: hint,
		}
	}
	return s.Err()
}

// updates say how each trained parameter is changed in a step.
func (t *trainer) updates(h History) []torch.Update {
	var out []torch.Update
	rates := map[float64]float64{} // by the rate that the phase begins with
	for _, p := range t.net.Store.Parameters {
		if p.Trainable {
			o, base := t.cfg.optimizerOf(t.phase, p.Name)
			_, decay := o.Settings()
			share, l2 := t.cfg.Decay.of(p, decay)
			if _, known := rates[base]; !known {
				rates[base] = t.schedule().Rate(base, h)
			}
			rate := rates[base] * t.phase.Factor(p.Name, t.net.Groups)
			out = append(out, torch.Update{Parameter: p, Rate: rate, WeightDecay: share, L2: l2})
		}
	}
	return out
}

package audit

import (
	"errors"
	"math"
	"slices"

	"vertebra/stages/internal/stratify"
	"vertebra/stages/stage"
)

// useSome leaves training groups out until the share is left that the experiment wants: of
// each stratum the same, and of two shares the smaller's groups are among the larger's.
func (c *Cases) useSome(split Split, patients map[string]string, actions Actions) error {
	if split.TrainSize == 0 || split.TrainSize == 1 {
		return nil
	}
	if c.Folds > 0 {
		return stage.Wrong{Path: "data.split.train_size", Err: stage.Fault{
			Err: errors.New("every case trains in some fold and is held out in another"), Hint: "write folds: 0 with validation: 0.2, or train_size: 1"}}
	}
	var training []stage.Case
	for _, one := range c.Cases {
		if one.Split == stage.Train {
			training = append(training, one)
		}
	}
	groups, err := split.groups(training, patients)
	if err != nil {
		return err
	}
	unused := map[string]bool{}
	var hits []hit
	for _, g := range stratify.InTurn(split.Seed, groups)[used(split.TrainSize, len(groups)):] {
		for _, i := range g.Cases {
			unused[training[i].ID] = true
			hits = append(hits, hit{id: training[i].ID})
		}
	}
	rule := rules["beyond_train_size"]
	if f := rule.finding(hits, actions.of(rule)); f != nil {
		if f.Done == "refused" {
			return f.refusal()
		}
		c.Dropped = append(c.Dropped, *f)
	}
	c.Cases = slices.DeleteFunc(c.Cases, func(one stage.Case) bool { return unused[one.ID] })
	return nil
}

// used is how many groups a share is: at least one.
func used(share float64, groups int) int {
	return min(groups, max(1, int(math.Round(share*float64(groups)))))
}

package train

import (
	"errors"

	"vertebra/stages/internal/torch"
	"vertebra/stages/registry"
)

func init() {
	Optimizers.Add("lookahead", "another optimizer, whose weights are pulled back to slower ones every few steps (Zhang et al. 2019)",
		Lookahead{Every: 5, Share: 0.5, Optimizer: registry.One[Optimizer]{Name: "adam"}})
}

// Lookahead is algorithm 1 of Zhang et al. 2019 (Lookahead Optimizer: k steps
// forward, 1 step back), around another optimizer.
type Lookahead struct {
	Every     int                     `help:"steps between two pulls" min:"1"`
	Share     float64                 `help:"how far the slow weights go towards the fast ones" over:"0" max:"1"`
	Optimizer registry.One[Optimizer] `help:"the optimizer that makes the steps"`
}

// Validate refuses a lookahead in a lookahead.
func (l Lookahead) Validate() error {
	switch l.Optimizer.Part.(type) {
	case Lookahead:
		return errors.New("lookahead cannot hold another lookahead")
	case SAM:
		return errors.New("lookahead cannot hold sam; write sam: {optimizer: {lookahead: …}}")
	case ScheduleFree:
		return errors.New("lookahead cannot hold schedule_free, which averages the weights itself")
	}
	return nil
}

// Rule is the inner optimizer's with the pulls.
func (l Lookahead) Rule() torch.Rule {
	r := l.Optimizer.Part.Rule()
	r.Lookahead = torch.Lookahead{Every: l.Every, Share: l.Share}
	return r
}

// Settings are those of the inner optimizer.
func (l Lookahead) Settings() (rate, decay float64) { return l.Optimizer.Part.Settings() }

package train

import (
	"errors"
	"fmt"

	"vertebra/stages/model"
	"vertebra/stages/registry"
)

// Phase is one stretch of training.
type Phase struct {
	Name           string                             `help:"names the phase in reports" required:"true"`
	Train          []string                           `help:"what is trained, all else is frozen: parameter groups, or patterns over names of parameters, such as layer4.* and, in quotes since a star begins an alias in YAML, '*.bn2'"`
	LastBlocks     int                                `help:"trains the head and the last so many blocks of the backbone with all that lies behind them, besides what train names" min:"0"`
	Unfreeze       *Unfreeze                          `help:"lets more of the backbone join as the phase goes on; none when absent"`
	BatchNorm      string                             `help:"statistics of batch-norm: those of trained layers are the batch's and move, those of frozen ones stay as in inference (auto), all stay (frozen), or all move (training)" oneof:"auto frozen training"`
	Epochs         int                                `help:"most epochs" min:"1" max:"100000"`
	Optimizer      *registry.One[Optimizer]           `help:"the phase's own; train.optimizer when absent"`
	Optimizers     map[string]registry.One[Optimizer] `help:"by parameter group or pattern, another optimizer with a rate of its own; of several that hold a parameter the narrowest counts"`
	OptimizerState string                             `help:"the optimizer begins anew, or keeps what the phase before left of parameters that go on training under the same rule, such as their moments" oneof:"fresh kept"`
	Rate           *float64                           `help:"learning rate of this phase; the optimizer's own when absent. Those of optimizers keep theirs" over:"0"`
	Factors        map[string]float64                 `help:"by parameter group or pattern, what the phase's rate is multiplied by; of several that hold a parameter the narrowest counts"`
	LayerDecay     float64                            `help:"each block's rate is that of the next one, nearer the head, times this, as layer-wise decay of BEiT, MAE and timm; the head has the phase's rate, all before the first block is one step, and what lies between blocks shares a neighbour's" over:"0" max:"1"`
	Schedule       registry.One[Schedule]             `help:"how the learning rate changes over the epochs"`
	Views          int                                `help:"how many augmented views of an image the phase shows, in turn; the features of frozen layers are then computed once for each. 0 draws new ones in every epoch" min:"0"`
	Monitor        string                             `help:"the phase's own number that steers its schedule, stopping and best weights; train.monitor when empty"`
	Stop           *Stop                              `help:"ends the phase early; it runs all epochs when absent"`
	Keep           string                             `help:"the weights that the phase hands on" oneof:"best last"`
	From           string                             `help:"which weights of the phase before this one begins with" oneof:"best last"`
}

// Stop ends a phase that has stopped getting better.
type Stop struct {
	Patience int     `help:"epochs without a better value" min:"1"`
	MinDelta float64 `help:"smallest change that counts as better" min:"0"`
}

// Unfreeze is gradual unfreezing (Howard and Ruder 2018, Universal Language Model
// Fine-tuning for Text Classification, section 3.3).
type Unfreeze struct {
	Every  int `help:"epochs from one step to the next" min:"1"`
	Layers int `help:"layers that join the training with each step, the nearest to the head first: blocks such as layer4.1, and those of the stem" min:"1"`
}

// Defaults let one block join with each epoch, as the paper does.
func (Unfreeze) Defaults() Unfreeze { return Unfreeze{Every: 1, Layers: 1} }

// Defaults is what a phase is when it does not say otherwise.
func (Phase) Defaults() Phase {
	return Phase{
		BatchNorm: "auto", Epochs: 10, OptimizerState: "fresh", LayerDecay: 1,
		Schedule: registry.One[Schedule]{Name: "constant"}, Keep: "best", From: "best",
	}
}

// Validate wants something to train.
func (p Phase) Validate() error {
	if len(p.Train) == 0 && p.LastBlocks == 0 {
		return errors.New("trains nothing; write train: [head], or last_blocks: 2")
	}
	for group, factor := range p.Factors {
		if !(factor > 0) {
			return fmt.Errorf("factors: %s is %v; want a number over 0, or leave the group out of train", group, factor)
		}
	}
	return nil
}

// Words are the groups and patterns that an epoch of the phase trains, from 1;
// groups are the model's.
func (p Phase) Words(groups []string, epoch int) []string {
	words := append([]string{}, p.Train...)
	if p.LastBlocks > 0 {
		words = append(words, model.From(groups, p.LastBlocks)...)
	}
	if p.Unfreeze == nil {
		return words
	}
	left := p.Unfreeze.Layers * ((epoch - 1) / p.Unfreeze.Every)
	layers := model.LayerNames(groups)
	for i := len(layers) - 1; i >= 0 && left > 0; i-- {
		if model.Narrowest(words, layers[i]) == "" && layers[i] != model.TheHead {
			words, left = append(words, layers[i]), left-1
		}
	}
	return words
}

// Trains says which parameters an epoch of the phase trains.
func (p Phase) Trains(groups []string, epoch int) func(name string) bool {
	words := p.Words(groups, epoch)
	return func(name string) bool { return model.Narrowest(words, name) != "" }
}

// shown is the epoch whose augmentation an epoch of the run shows, where so many lie
// before the phase: with a number of views these are drawn in the first epochs of the
// phase, and come again.
func (p Phase) shown(before, epoch int) int {
	if p.Views > 0 {
		return before + 1 + (epoch-before-1)%p.Views
	}
	return epoch
}

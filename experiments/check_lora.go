package experiments

import (
	"fmt"

	"vertebra/stages/model"
)

// loraWorks wants layers that lora can correct, and warns where no phase trains what it adds, or one
// trains what it is to leave alone.
func loraWorks(e Experiment, c *checker) {
	if e.Model.Lora == nil {
		return
	}
	if err := e.Model.LoraFits(); err != nil {
		c.fault("model.lora", err)
		return
	}
	net, trained := e.outline(), false
	for i, p := range e.Train.Phases {
		selected, both := p.Trains(net.Groups, p.Epochs), false
		for _, parameter := range net.Parameters {
			if !parameter.Buffer && selected(parameter.Name) {
				trained = trained || model.Selects(model.TheLora, parameter.Name)
				both = both || net.Corrects(parameter.Name)
			}
		}
		at, hint := "train", "write train: [lora, head], which leaves the backbone as it was"
		switch {
		case p.Unfreeze != nil:
			at, hint = "unfreeze", "remove it: train: [lora, head] alone leaves the backbone as it was"
		case p.LastBlocks > 0:
			at, hint = "last_blocks", "write train: [lora, head] in its place, which leaves the backbone as it was"
		}
		if both {
			c.warn(fmt.Sprintf("train.phases.%d.%s", i, at), "trains weights of the backbone that lora corrects as well", hint)
		}
	}
	if !trained {
		c.warn("model.lora", "has no effect: no phase trains what it adds, which begins with zeros", "write train: [lora, head] in a phase, or remove it")
	}
}

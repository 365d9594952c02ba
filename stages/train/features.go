package train

import (
	"fmt"

	"vertebra/stages/augment"
)

// Features says what happens to the outputs of layers that a phase leaves alone.
type Features struct {
	Reuse  string  `help:"computes them once for each image and view and reuses them, where augmentation allows it (auto), or in every epoch (never)" oneof:"auto never"`
	Memory float64 `help:"how many of them may lie in memory; more lie in a file that ends with the phase" unit:"GB" min:"0"`
	Disk   float64 `help:"how large that file may be; what is larger is computed in every epoch" unit:"GB" min:"0"`
}

// DefaultFeatures reuses what it can.
var DefaultFeatures = Features{Reuse: "auto", Memory: 2, Disk: 100}

// FeaturePlan is what a phase does with the outputs of its fixed layers.
type FeaturePlan struct {
	Layers int    // at the front of the net that stay as they are
	Views  int    // of each training image that are computed once; 0: all is computed in every epoch
	Bytes  int64  // of all of them
	File   bool   // they are too many for memory
	Why    string // all is computed in every epoch
}

// PlanFeatures decides. layers are fixed and give so many float32 numbers for one
// image; so many cases are trained on and validated.
func (c Config) PlanFeatures(p Phase, recipe augment.Config, layers, numbers, training, validation int) FeaturePlan {
	plan := FeaturePlan{Layers: layers}
	views, epochs := 1, p.Epochs
	if len(recipe) > 0 {
		views = p.Views
	}
	if p.Unfreeze != nil {
		epochs = min(epochs, p.Unfreeze.Every)
	}
	bytes := int64(views*training+validation) * int64(numbers) * 4
	switch {
	case c.Features.Reuse == "never":
		plan.Why = "train.features.reuse is never"
	case layers == 0:
		plan.Why = "training changes the first layer"
	case recipe.Mixes():
		plan.Why = "augmentation mixes images"
	case views == 0:
		plan.Why = "augmentation draws anew in every epoch; views would repeat it"
	case epochs <= views:
		plan.Why = fmt.Sprintf("the phase ends after epoch %d, before any of them is seen twice", epochs)
	case float64(bytes) > 1e9*max(c.Features.Memory, c.Features.Disk):
		plan.Why = fmt.Sprintf("%.1f GB are more than train.features allows", float64(bytes)/1e9)
	default:
		plan.Views, plan.Bytes, plan.File = views, bytes, float64(bytes) > 1e9*c.Features.Memory
	}
	return plan
}

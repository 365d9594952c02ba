package augment

import (
	"fmt"
	"maps"
	"slices"
)

// When says when an augmentation works. Every part holds it, so its settings
// stand among the part's own.
type When struct {
	P     float64 `help:"chance that an image gets it" min:"0" max:"1"`
	From  int     `help:"first epoch of the run in which it works" min:"1"`
	Until *int    `help:"last epoch of the run in which it works; null: to the end" min:"1"`
}

// Always is the default: every image, every epoch.
var Always = When{P: 1, From: 1}

func (w When) when() When { return w }

// works says whether the entry takes part in an epoch, counted from 1.
func (w When) works(epoch int) bool {
	return epoch >= w.From && (w.Until == nil || epoch <= *w.Until)
}

// Validate refuses a span without an epoch in it.
func (w When) Validate() error {
	if w.Until != nil && *w.Until < w.From {
		return fmt.Errorf("works from epoch %d until epoch %d, so never", w.From, *w.Until)
	}
	return nil
}

// Everywhere is what settings of a whole recipe hold instead of When.
type Everywhere struct{}

func (Everywhere) when() When { return Always }

// Changes are the epochs of a run in which the recipe is another one than in the epoch
// before, in rising order.
func (c Config) Changes() []int {
	epochs := map[int]bool{}
	for _, entry := range c {
		anyPart(entry.Part, func(a Augmentation) bool {
			when := a.when()
			epochs[when.From] = true
			if when.Until != nil {
				epochs[*when.Until+1] = true
			}
			return false
		})
	}
	delete(epochs, 1)
	return slices.Sorted(maps.Keys(epochs))
}

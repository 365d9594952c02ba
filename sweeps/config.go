// Package sweeps searches the settings of an experiment: it says what a space of
// settings holds, which point of it to try next, and which trials to end early.
// It is pure: every answer is a function of the space, the seed and what earlier
// trials gave, so a search that was cut off goes on as if nothing had happened.
package sweeps

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"vertebra/stages/registry"
)

// Config is the section sweep of an experiment.
type Config struct {
	Space     map[string]registry.One[Domain] `help:"by path of a setting, as in --set, the values to try. A setting of a part that is itself chosen, such as train.loss.focal.gamma, counts only in trials that choose this part" required:"true"`
	Search    registry.One[Search]            `help:"how the next trial is chosen"`
	Trials    int                             `help:"how many trials there are; 0 for every cell of a grid" min:"0" max:"100000"`
	Seeds     int                             `help:"seeds that each trial runs with: the experiment's and those after it. The mean counts" min:"1" max:"100"`
	Folds     bool                            `help:"runs each trial once for every fold of data.split.folds. The mean counts"`
	Nested    bool                            `help:"with folds that take turns as test set (data.split.rotate: test), for each fold the best trial is chosen by the validation number of that fold alone, and what it says of the fold's test cases counts: over all folds together that is what searching and then training is worth (nested cross-validation). It trains nothing more, and wants a search that does not learn from trials"`
	Objective string                          `help:"the number that decides: train.loss or validation.<number>, as train.monitor takes them; what train.monitor says when empty"`
	Baseline  bool                            `help:"begins with the experiment as the file writes it, as trial 0. It is trained to the end: what the best trial is held against"`
	Stop      registry.One[Stopper]           `help:"which trials end before they have trained to the end"`
	For       *time.Duration                  `help:"how long the sweep may take from its first start, pauses included" over:"0s"`
	Until     *registry.TimeOfDay             `help:"the time of day, next after the first start, at which the sweep is over and its report is there"`
	Limits    Limits                          `help:"what trials may use up"`
	PerGpu    registry.Count                  `help:"trials that share a GPU; auto lets as many as its memory holds, once a trial has shown how much one takes. --parallel says otherwise" min:"1" max:"64"`
	Slurm     Slurm                           `help:"what runner sweep --on slurm asks of a cluster"`
}

// Limits end trials, or the whole sweep.
type Limits struct {
	Trial    *time.Duration `help:"longest that one trial may compute, over all its parts; it ends with the type timeout" over:"0s"`
	Stall    time.Duration  `help:"a trial that tells nothing for so long hangs, and is ended with the type timeout" min:"1s"`
	Failures int            `help:"failed trials, out of memory and not-a-number aside, after which no further one starts" min:"1"`
	Retries  int            `help:"how often a trial whose process crashed is tried again, from its last checkpoint, before it comes any further" min:"0" max:"10"`
	Memory   bool           `help:"a trial that runs out of memory is tried again with train.accumulate doubled: the same batch in smaller parts"`
	Disk     float64        `help:"checkpoints of the sweep may take so much; those of trials that are over go first, the best trial's and those of paused trials stay. 0 for no limit" unit:"GB" min:"0"`
}

// Defaults are those of the section where it is given.
func (Config) Defaults() Config {
	return Config{
		Search: registry.One[Search]{Name: "tpe"}, Seeds: 1, Baseline: true, Stop: registry.One[Stopper]{Name: "none"}, PerGpu: 1,
		Limits: Limits{Stall: 15 * time.Minute, Failures: 10, Retries: 2, Memory: true}, Slurm: Slurm{}.Defaults(),
	}
}

// Problems checks what spans several settings.
func (c Config) Problems() []registry.FieldProblem {
	var out []registry.FieldProblem
	_, wrong := NewSpace(c.Space)
	out = append(out, wrong...)
	if c.Search.Name != "grid" && c.Trials == 0 {
		out = append(out, registry.FieldProblem{Path: "trials", Text: "trials is missing", Hint: "how many trials " + c.Search.Name + " makes; only grid knows by itself"})
	}
	if c.Search.Name == "grid" && len(wrong) == 0 {
		out = append(out, gridProblems(c)...)
	}
	if stops, ok := c.Stop.Part.(interface{ NeedsReplicates() bool }); ok && stops.NeedsReplicates() && c.Seeds < 2 && !c.Folds {
		out = append(out, registry.FieldProblem{Path: "stop", Text: c.Stop.Name + " compares seeds or folds, and a trial has one of each", Hint: "set folds: true or seeds: 3"})
	}
	return out
}

// gridProblems finds what has no cells, and grids that nobody wants.
func gridProblems(c Config) []registry.FieldProblem {
	var out []registry.FieldProblem
	for _, path := range slices.Sorted(maps.Keys(c.Space)) {
		if d := c.Space[path].Part.Dimension(); d.Same == "" && d.Cells() == nil {
			out = append(out, registry.FieldProblem{Path: "space." + path, Text: "a grid needs to know which values to take", Hint: "add points: 5, or write a choice"})
		}
	}
	if len(out) > 0 {
		return out
	}
	space, _ := NewSpace(c.Space)
	if n := space.Size(); n > maxGrid {
		out = append(out, registry.FieldProblem{Path: "search", Text: fmt.Sprintf("the grid has more than %d cells", maxGrid), Hint: "take fewer values, or search: random"})
	}
	return out
}

// Replicates is how many runs one trial has, with so many folds in the split.
func (c Config) Replicates(folds int) int {
	if !c.Folds {
		folds = 1
	}
	return max(1, c.Seeds) * max(1, folds)
}

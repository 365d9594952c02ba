package experiments

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
	"vertebra/sweeps"
)

// The most trials that are made to check a space: every cell of a small one; of
// a larger one, what each setting can be, and points spread over it.
const (
	mostCells   = 1000
	spreadCells = 50
)

// mostEpochs is a training in which every stopper would ask.
const mostEpochs = 1000

// sweepFits checks the section sweep: its numbers, its paths, and whether its
// trials are experiments without mistakes.
func (c *checker) sweepFits(e Experiment) {
	if e.Sweep == nil || c.partial || len(c.problems) > 0 {
		return
	}
	if e.Sweep.Objective != "" {
		c.steers("sweep.objective", e.Sweep.Objective, e)
	}
	if e.Sweep.Folds && e.Data.Split.Folds == 0 {
		c.fail("sweep.folds", "data.split has no folds", "write data: {split: {folds: 5}}, or leave folds out")
	}
	if asks := e.Sweep.Stop.Part.Asks(mostEpochs); len(asks) > 0 && e.Data.Split.Folds > 0 && e.Data.Split.Fold == 0 && !e.Sweep.Folds {
		c.fail("sweep.stop", e.Sweep.Stop.Name+" looks at epochs, and the folds of a run are trained one after the other", "write sweep: {folds: true}, which makes a run of each fold; or stop: none")
	}
	if path, text, hint := NestedFits(e, *e.Sweep); e.Sweep.Nested && path != "" {
		c.fail(path, text, hint)
	}
	c.stopsAtAll(e)
	s, err := c.sweep(e)
	if err != nil { // the section told
		return
	}
	at, _ := reach(c.root, []string{"sweep", "space"})
	for _, p := range s.Space.Params {
		c.leads(s, p, at)
	}
	if len(c.problems) == 0 {
		c.trials(s)
	}
}

// stopsAtAll warns of a stopper that is asked in no epoch of the training.
func (c *checker) stopsAtAll(e Experiment) {
	epochs := 0
	for _, p := range e.Train.Phases {
		epochs += p.Epochs
	}
	if stop := e.Sweep.Stop; len(stop.Part.Asks(mostEpochs)) > 0 && len(stop.Part.Asks(epochs)) == 0 {
		c.warn("sweep.stop", fmt.Sprintf("%s ends no trial early: it looks at no epoch before the last, %d", stop.Name, epochs), "let it look sooner, or train for longer")
	}
}

// leads wants the path of a parameter to lead through parts that the experiment
// has: another part would take its place.
func (c *checker) leads(s *Sweep, p sweeps.Param, space *yaml.Node) {
	n, t := registry.Encode(s.Base), reflect.TypeFor[Experiment]()
	words := spelled(n, strings.Split(p.Path, "."))
	for i, word := range words {
		if registry.IsOne(t) {
			if now := partNow(n, t, word); now != "" {
				c.sweepMistake(space, p.Path, fmt.Sprintf("%s is a setting of %s, which the path does not name", word, now),
					"write "+strings.Join(slices.Insert(slices.Clone(words), i, now), "."))
				return
			}
			if !c.partStays(s, p, space, words[:i], n, word) {
				return
			}
		}
		t = registry.Under(t, word)
		next, _ := reach(n, []string{word})
		n = next
		if t == nil {
			return // the decoder tells, with the legal words
		}
	}
	switch words[0] {
	case "name", "purpose", "sweep":
		c.sweepMistake(space, p.Path, fmt.Sprintf("%s cannot be varied", words[0]), "")
	case "locate":
		c.sweepMistake(space, p.Path, "locate cannot be varied: trials train no net that finds points", "try its settings in runs of their own")
	case "seed":
		c.sweepMistake(space, p.Path, "seed cannot be varied here", "write sweep: {seeds: 3}: the mean over the seeds counts")
	}
}

// partStays says whether the part that a path leads into is the experiment's own,
// or one that the space chooses.
func (c *checker) partStays(s *Sweep, p sweeps.Param, space *yaml.Node, above []string, n *yaml.Node, word string) bool {
	path := strings.Join(above, ".")
	chosen := slices.ContainsFunc(s.Space.Params, func(q sweeps.Param) bool { return q.Path == path })
	now := ""
	if n != nil {
		now = entryName(n)
	}
	if chosen || now == word || now == "" || now == "null" {
		return true
	}
	c.sweepMistake(space, p.Path, fmt.Sprintf("%s is %s in this experiment: it has no settings of %s", path, now, word),
		fmt.Sprintf("vary %s.%s, or %s too: {choice: [%s, %s]}", path, now, path, now, word))
	return false
}

// sweepMistake points to a setting of the space.
func (c *checker) sweepMistake(space *yaml.Node, path, text, hint string) {
	place := space
	if at := lookup(space, path); at >= 0 {
		place = space.Content[at]
	}
	c.add(place, "sweep.space."+path, text, hint)
}

// trials makes trials and collects their mistakes, each once, with a trial that
// has it.
func (c *checker) trials(s *Sweep) {
	told := map[registry.Problem]bool{}
	for _, p := range c.problems {
		told[p] = true
	}
	for _, at := range probes(s.Space, s.Config.Search.Name == "grid") {
		assign := s.Space.Assign(at)
		_, err := s.Trial(assign)
		var problems registry.Problems
		if !errors.As(err, &problems) {
			continue
		}
		for _, p := range problems {
			key := p
			key.Text, key.Hint = "", "" // one mistake for each place and setting
			if !told[key] {
				told[key] = true
				p.Hint = strings.TrimPrefix(p.Hint+"; ", "; ") + "so in the trial " + written(assign)
				c.problems = append(c.problems, p)
			}
		}
	}
}

// written writes the settings of a trial on one line.
func written(assign []sweeps.Assignment) string {
	var words []string
	for _, a := range assign {
		words = append(words, a.Path+"="+a.Value)
	}
	return strings.Join(words, " ")
}

// probes are the points that a space is checked at.
func probes(space sweeps.Space, grid bool) []sweeps.Point {
	var out []sweeps.Point
	if n := space.Size(); grid && n <= mostCells || space.Finite() && n <= mostCells {
		for at := range space.Cells() {
			out = append(out, at)
		}
		return out
	}
	for _, p := range space.Free() {
		for _, x := range p.Extremes() {
			out = append(out, towards(space, p, x))
		}
	}
	for i := range spreadCells {
		next, err := sweeps.Halton{}.Next(sweeps.Question{Space: space, Number: i})
		if err != nil {
			break
		}
		out = append(out, next.Point)
	}
	return out
}

// towards is a point with a value of one parameter. Of the others, those that it
// depends on are such that it counts.
func towards(space sweeps.Space, want sweeps.Param, x float64) sweeps.Point {
	return space.Fill(func(p sweeps.Param) float64 {
		if p.Path == want.Path {
			return x
		}
		return space.Wanted(want, p)
	})
}

package stage

import (
	"fmt"
	"slices"
)

// Questions are what a net is asked about each sample: one thing, or one for each target.
type Questions struct {
	// Classes are the names that answers are indices into.
	Classes []string
	// Targets names the questions; nil where there is one.
	Targets []string
	// Among lists the classes that the answer of each target is one of, as indices into
	// Classes, in the target's own order; nil where every answer is one of all.
	Among [][]int
}

// Names of stored facts, in JSON: Questions.Targets, and Questions.Among where targets have
// classes of their own.
const (
	TargetsFact = "targets"
	AmongFact   = "classes of targets"
)

// Count is how many answers a sample has.
func (q Questions) Count() int { return max(1, len(q.Targets)) }

// Of lists the classes that the answer of a target is one of, as indices into Classes.
func (q Questions) Of(target int) []int {
	if q.Among != nil {
		return q.Among[target]
	}
	all := make([]int, len(q.Classes))
	for k := range all {
		all[k] = k
	}
	return all
}

// Has says whether the answer of a target can be a class.
func (q Questions) Has(target, class int) bool {
	return q.Among == nil || slices.Contains(q.Among[target], class)
}

// Names are the classes that the answer of a target is one of.
func (q Questions) Names(target int) (out []string) {
	for _, k := range q.Of(target) {
		out = append(out, q.Classes[k])
	}
	return out
}

// ByName are the classes of each target; nil where all have all.
func (q Questions) ByName() map[string][]string {
	if q.Among == nil {
		return nil
	}
	out := map[string][]string{}
	for target, name := range q.Targets {
		out[name] = q.Names(target)
	}
	return out
}

// Kind are targets whose answers are among the same classes, in the same order.
type Kind struct {
	Targets []int // in rising order
	Among   []int // indices into Questions.Classes
}

// Kinds sorts the questions by their classes: one kind where all have the same. They stand
// in the order of their first targets.
func (q Questions) Kinds() (out []Kind) {
	for target := range q.Count() {
		among := q.Of(target)
		at := slices.IndexFunc(out, func(k Kind) bool { return slices.Equal(k.Among, among) })
		if at < 0 {
			at, out = len(out), append(out, Kind{Among: among})
		}
		out[at].Targets = append(out[at].Targets, target)
	}
	return out
}

// Check refuses targets of one name, and classes of targets that are none, or fewer than two:
// what was stored may have come from elsewhere.
func (q Questions) Check() error {
	for i, name := range q.Targets {
		if slices.Contains(q.Targets[:i], name) {
			return fmt.Errorf("two targets are called %s", name)
		}
	}
	if q.Among == nil {
		return nil
	}
	if len(q.Among) != len(q.Targets) || len(q.Targets) == 0 {
		return fmt.Errorf("there are classes of %d targets, and %d targets", len(q.Among), len(q.Targets))
	}
	for target, among := range q.Among {
		sorted := slices.Sorted(slices.Values(among))
		if len(among) < 2 || sorted[0] < 0 || sorted[len(sorted)-1] >= len(q.Classes) || len(slices.Compact(sorted)) != len(among) {
			return fmt.Errorf("the classes of target %s are %v of %d", q.Targets[target], among, len(q.Classes))
		}
	}
	return nil
}

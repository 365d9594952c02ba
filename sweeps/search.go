package sweeps

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Search chooses the points of trials.
type Search interface {
	// Next gives the point of trial q.Number. It is a pure function of the
	// question; ErrExhausted says that the space holds no further point.
	Next(q Question) (Proposal, error)
}

// Searches are all ways to search.
var Searches = registry.New[Search]("search")

// ErrExhausted says that every point of the space has its trial.
var ErrExhausted = errors.New("the space holds no further point")

// Question is what a search is asked.
type Question struct {
	Space  Space
	Seed   uint64
	Number int // of the trial, from 0; a baseline does not count
	// Past are all trials before, in the order of their numbers, those that still
	// run among them.
	Past []Seen
}

// Proposal is a point, with what the search wants to know of it later.
type Proposal struct {
	Point Point
	Note  string
}

// Seen is what a search knows of an earlier trial.
type Seen struct {
	Point Point
	Note  string // of its proposal
	// Value is what the trial gave, smaller is better: +Inf when it failed in a way
	// that the point is to blame for, NaN while there is nothing.
	Value float64
	// Epochs are how far the trial was trained; Whole says that it was to the end.
	Epochs int
	Whole  bool
}

// told are the trials with a value: the search learns from them.
func (q Question) told() []Seen {
	return slices.DeleteFunc(slices.Clone(q.Past), func(s Seen) bool { return math.IsNaN(s.Value) })
}

// rand is the stream of this trial.
func (q Question) rand(purpose string, indices ...int) *rand.Rand {
	return stage.Rand(q.Seed, "sweep "+purpose, append([]int{q.Number}, indices...)...)
}

// taken says whether a trial has this point already.
func (q Question) taken(at Point) bool {
	key := pointKey(at)
	return slices.ContainsFunc(q.Past, func(s Seen) bool { return pointKey(s.Point) == key })
}

func pointKey(at Point) string {
	text, err := json.Marshal(at) // sorts the names
	if err != nil {
		return ""
	}
	return string(text)
}

// maxDraws is how often a search draws again to find a point that no trial has.
const maxDraws = 200

// fresh draws until it has a point that no trial has. In a space that may be
// exhausted, the cells that are left are looked through after that.
func (q Question) fresh(draw func(i int) Point) (Point, error) {
	var at Point
	for i := range maxDraws {
		if at = draw(i); !q.taken(at) {
			return at, nil
		}
	}
	if !q.Space.Finite() {
		return at, nil
	}
	n := 0
	for cell := range q.Space.all().Cells() {
		if !q.taken(cell) {
			return cell, nil
		}
		if n++; n > maxGrid {
			return at, nil
		}
	}
	return nil, ErrExhausted
}

// all is the space with every value in its grid.
func (s Space) all() Space {
	out := Space{Params: slices.Clone(s.Params)}
	for i := range out.Params {
		out.Params[i].Points = 0
	}
	return out
}

package model

import (
	"slices"

	"vertebra/stages/stage"
)

// Task is what a net is asked: what it sees of a sample, and what it answers. Its outputs
// are the numbers of one target beside those of the next.
type Task struct {
	Views   int   // of a sample that go through the backbone one by one; 0 and 1: the image as it is
	Held    int   // slices that images hold of each view, of which the net may see the middle alone: see Input; 0 and 1: one
	Slices  int   // of a view that go through the backbone one by one, of those that it sees; 0 and 1: it is seen as a whole
	Stacks  int   // that the slices are of, one after the other: views that enter as channels; 0 and 1: one
	Targets int   // that are answered
	Each    int   // numbers of a target: one for each class, or what the loss asks for in their place
	Own     []int // numbers of each target, where they have classes of their own; else nil

	// Places answers each target with a place: its numbers are those of the cells of a grid, row by
	// row, and behind them one for "nowhere". Each is the number of Cells and one more.
	Places bool

	Covariates stage.Covariates // what it is told of a sample besides the image
}

// Single is that of a net with one target.
func Single(each int) Task { return Task{Targets: 1, Each: each} }

// rows is how many images of a sample go through the backbone.
func (t Task) rows() int { return max(1, t.Views) * max(1, t.Slices) }

// All is how many numbers come out.
func (t Task) All() (n int) {
	for _, each := range t.Outputs() {
		n += each
	}
	return n
}

// Outputs is how many numbers come out for each target.
func (t Task) Outputs() []int {
	if t.Own != nil {
		return t.Own
	}
	return slices.Repeat([]int{t.Each}, t.Targets)
}

// Projecting is a net that sees the same of a sample, is told nothing besides, and answers with one
// list of so many numbers.
func (t Task) Projecting(width int) Task {
	t.Targets, t.Each, t.Own, t.Places, t.Covariates = 1, width, nil, false, nil
	return t
}

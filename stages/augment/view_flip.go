package augment

import (
	"errors"
	"strings"

	"vertebra/stages/stage"
)

func init() {
	Views.Add("flip", "the image mirrored", FlipView{Axis: "horizontal", Sides: "swap"})
}

// FlipView mirrors the image.
type FlipView struct {
	Axis  string `help:"horizontal swaps left and right" oneof:"horizontal vertical"`
	Sides string `help:"whether a horizontal flip swaps the classes, and the targets, of left and right (axial and coronal images) or keeps them (sagittal ones); those without a side always stay" oneof:"swap keep"`
}

// Matrix mirrors.
func (v FlipView) Matrix(Size) Matrix {
	if v.Axis == "vertical" {
		return affine(1, 0, 0, 0, -1, 0)
	}
	return affine(-1, 0, 0, 0, 1, 0)
}

func (v FlipView) swaps() bool { return v.Axis == "horizontal" && v.Sides == "swap" }

// check is that of the same flip in training.
func (v FlipView) check(names Names, planes []string) error {
	flip := Flip{When: Always, Sides: v.Sides, Horizontal: 1}
	if v.Axis == "vertical" {
		flip.Horizontal, flip.Vertical = 0, 1
	}
	err := flip.check(names, planes)
	var fault stage.Fault
	if errors.As(err, &fault) { // a view has no chance that could be 0: it is there or not
		for _, axis := range []string{"horizontal", "vertical"} {
			fault.Hint = strings.ReplaceAll(fault.Hint, "set flip."+axis+" to 0", "leave the view out")
		}
		return fault
	}
	return err
}

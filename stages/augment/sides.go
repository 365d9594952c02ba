package augment

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"vertebra/stages/stage"
)

// side finds the words left and right, apart from longer words they stand in.
var side = regexp.MustCompile(`(?i)(^|[^\pL])(left|right)($|[^\pL])`)

// Mirror gives for each class the class that it becomes when the patient's left and
// right are swapped: left_stenosis and right_stenosis change places. It is nil
// where no class has a side.
func Mirror(classes []string) ([]int, error) {
	out, sided := make([]int, len(classes)), false
	at := map[string]int{}
	for i, class := range classes {
		at[class] = i
	}
	for i, class := range classes {
		other := opposite(class)
		j, found := at[other]
		if !found {
			return nil, fmt.Errorf("class %q has a side, but there is no class %q", class, other)
		}
		out[i] = j
		sided = sided || i != j
	}
	if !sided {
		return nil, nil
	}
	return out, nil
}

// opposite swaps left and right in a name and keeps its capitals.
func opposite(name string) string {
	words := map[string]string{"left": "right", "right": "left", "Left": "Right", "Right": "Left", "LEFT": "RIGHT", "RIGHT": "LEFT"}
	return side.ReplaceAllStringFunc(name, func(found string) string {
		for word, other := range words {
			if strings.Contains(found, word) {
				return strings.Replace(found, word, other, 1)
			}
		}
		return found
	})
}

// CheckSides refuses a recipe whose flips would give images labels that are
// wrong. Classes are the class names; planes describe the series of the
// training images, such as "Axial T2".
func (c Config) CheckSides(classes, planes []string) error {
	var problem error
	for _, entry := range c {
		anyPart(entry.Part, func(a Augmentation) bool {
			flip, ok := a.(Flip)
			if ok {
				problem = flip.check(classes, planes)
			}
			return ok && problem != nil
		})
		if problem != nil {
			return problem
		}
	}
	return nil
}

func (a Flip) check(classes, planes []string) error {
	mirror, err := Mirror(classes)
	switch {
	case err == nil && mirror == nil, a.P == 0, a.Horizontal == 0 && a.Vertical == 0:
		return nil
	case a.Vertical > 0:
		return stage.Fault{
			Err:  errors.New("flip turns images upside down while classes have a side: where left and right are then is not defined"),
			Hint: "set flip.vertical to 0",
		}
	case a.Sides == "swap" && err != nil:
		return stage.Fault{Err: fmt.Errorf("flip swaps left and right: %w", err), Hint: "add the class of the other side, set flip.horizontal to 0, or flip.sides to keep"}
	}
	return a.checkPlanes(planes)
}

// checkPlanes: a horizontal flip swaps the patient's left and right in axial and
// coronal images, and front and back in sagittal ones.
func (a Flip) checkPlanes(planes []string) error {
	for _, plane := range planes {
		sagittal := strings.Contains(strings.ToLower(plane), "sagittal")
		if sagittal == (a.Sides == "swap") {
			right := map[bool]string{true: "keep", false: "swap"}[sagittal]
			return stage.Fault{
				Err:  fmt.Errorf("flip with sides: %s would give %s images the labels of the wrong side", a.Sides, plane),
				Hint: fmt.Sprintf("set flip.sides to %s; with both planes in one experiment, set flip.horizontal to 0", right),
			}
		}
	}
	return nil
}

// labels swaps the sides of the labels of mirrored images.
func (p *plan) labels(b Batch) []int64 {
	if b.Mirror == nil || b.Labels == nil {
		return b.Labels
	}
	out := append([]int64(nil), b.Labels...)
	for _, l := range p.leaves {
		flip, ok := l.part.(Flip)
		if !ok || flip.Sides != "swap" {
			continue
		}
		for _, i := range l.active() {
			if l.draws[i].numbers[0] == 1 {
				out[i] = int64(b.Mirror[out[i]])
			}
		}
	}
	return out
}

package augment

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// side finds the words left and right, apart from longer words they stand in.
var side = regexp.MustCompile(`(?i)(^|[^\pL])(left|right)($|[^\pL])`)

// Names are those that may have a side: of classes, of what a net answers, and of the
// views that are an image's channels. Among are the classes of each target; see
// stage.Questions.
type Names struct {
	Classes, Targets, Views, Covariates []string
	Among                               [][]int
}

// Questions are what is asked about each image.
func (n Names) Questions() stage.Questions {
	return stage.Questions{Classes: n.Classes, Targets: n.Targets, Among: n.Among}
}

// Sides says what each class, target and view becomes when the patient's left and right are
// swapped: left_stenosis and right_stenosis change places. nil where none has a side.
type Sides struct{ Classes, Targets, Views, Covariates []int }

// Sides wants for each name with a side the one of the other side.
func (n Names) Sides() (out Sides, err error) {
	if out.Classes, err = mirror("class", n.Classes); err != nil {
		return out, err
	}
	if out.Targets, err = mirror("target", n.Targets); err != nil {
		return out, err
	}
	if err = n.mirrorAmong(out); err != nil {
		return out, err
	}
	if out.Views, err = mirror(view, n.Views); err != nil {
		return out, err
	}
	out.Covariates, err = mirror(covariate, n.Covariates)
	return out, err
}

// mirrorAmong wants the classes of the other side among those of the other side's target, in
// the same order.
func (n Names) mirrorAmong(sides Sides) error {
	for target, among := range n.Among {
		other := target
		if sides.Targets != nil {
			other = sides.Targets[target]
		}
		for i, class := range among {
			if sides.Classes != nil {
				class = sides.Classes[class]
			}
			if of := n.Among[other]; len(of) != len(among) || sides.Classes == nil && of[i] != class || !slices.Contains(of, class) {
				return unlikeSides{n.Questions(), target, other}
			}
		}
	}
	return nil
}

// unlikeSides says that targets of two sides have other classes.
type unlikeSides struct {
	stage.Questions
	target, other int
}

func (e unlikeSides) Error() string {
	return fmt.Sprintf("the classes of target %q are %s, those of its other side, %q, %s", e.Targets[e.target], strings.Join(e.Names(e.target), ", "), e.Targets[e.other], strings.Join(e.Names(e.other), ", "))
}

func (s Sides) none() bool {
	return s.Classes == nil && s.Targets == nil && s.Views == nil && s.Covariates == nil
}

const covariate, view = "covariate", "view"

// oneSided says that the name of the other side is missing.
type oneSided struct{ what, name, other string }

func (e oneSided) Error() string {
	return fmt.Sprintf("%s %q has a side, but there is no %s %q", e.what, e.name, e.what, e.other)
}

func mirror(what string, names []string) ([]int, error) {
	out, sided := make([]int, len(names)), false
	at := map[string]int{}
	for i, name := range names {
		at[name] = i
	}
	for i, name := range names {
		other := opposite(name)
		for _, short := range shortForms(what, name) {
			if _, both := at[short]; both && short != name {
				other = short
			}
		}
		j, found := at[other]
		if !found {
			return nil, oneSided{what, name, other}
		}
		out[i] = j
		sided = sided || i != j
	}
	if !sided {
		return nil, nil
	}
	return out, nil
}

// shortForms are what a name may be called on the other side where it says but a letter or two
// of its own; these count where both are there.
func shortForms(what, name string) []string {
	switch what {
	case covariate:
		return []string{oppositeShort(name)}
	case view:
		return []string{oppositeShort(name), oppositeFirst(name)}
	}
	return nil
}

// oppositeFirst swaps the letter that views of mammograms begin with: lcc and rcc, L-MLO and R-MLO.
func oppositeFirst(name string) string {
	words := map[string]string{"l": "r", "r": "l", "L": "R", "R": "L"}
	for first, other := range words {
		if rest, begins := strings.CutPrefix(name, first); begins {
			return other + rest
		}
	}
	return name
}

// oppositeShort swaps the short forms of left and right at the end of a name: DICOM's L and R,
// and OD and OS of eyes. R alone may be anything.
func oppositeShort(column string) string {
	words := map[string]string{"L": "R", "R": "L", "OD": "OS", "OS": "OD"}
	name, known := strings.CutSuffix(column, stage.IsKnown)
	at := strings.LastIndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) }) + 1
	other, short := words[strings.ToUpper(name[at:])]
	if !short {
		return column
	}
	if name[at:] == strings.ToLower(name[at:]) {
		other = strings.ToLower(other)
	}
	if name = name[:at] + other; known {
		name += stage.IsKnown
	}
	return name
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

// siding is a part that may swap the patient's left and right.
type siding interface {
	// mirrors says whether it does with an image that drew these numbers.
	mirrors(numbers []float64) bool
	// check refuses what would give images labels that are wrong.
	check(names Names, planes []string) error
}

// CheckSides refuses a recipe that would give images labels that are wrong.
// planes describe the series of the training images, such as "Axial T2".
func (c Config) CheckSides(names Names, planes []string) error {
	var problem error
	for _, entry := range c {
		anyPart(entry.Part, func(a Augmentation) bool {
			part, ok := a.(siding)
			if ok {
				problem = part.check(names, planes)
			}
			return ok && problem != nil
		})
		if problem != nil {
			return problem
		}
	}
	return nil
}

// sidesOf is what a part says of left and right.
type sidesOf struct {
	part  string
	sides string // swap or keep
	// across says that it mirrors across slices and not within them.
	across bool
}

func (o sidesOf) check(names Names, planes []string) error {
	sides, err := names.Sides()
	var sideless oneSided
	var unlike unlikeSides
	errors.As(err, &sideless)
	switch {
	case err == nil && sides.none():
		return nil
	case o.sides == "swap" && errors.As(err, &unlike):
		return stage.Fault{Err: fmt.Errorf("%s swaps left and right: %w", o.part, err), Hint: fmt.Sprintf("name the same classes for both in data.target_classes, %s, or %s.sides to keep", o.without(), o.part)}
	case o.sides == "swap" && err != nil:
		return stage.Fault{Err: fmt.Errorf("%s swaps left and right: %w", o.part, err), Hint: fmt.Sprintf("add the %s of the other side, %s, or %s.sides to keep", sideless.what, o.without(), o.part)}
	}
	return o.checkPlanes(planes)
}

// without says how to do without.
func (o sidesOf) without() string {
	if o.across {
		return "remove " + o.part
	}
	return "set " + o.part + ".horizontal to 0"
}

// checkPlanes: a horizontal flip swaps the patient's left and right in axial and
// coronal images, and front and back in sagittal ones. Sagittal slices in the other order
// swap left and right, and others do not.
func (o sidesOf) checkPlanes(planes []string) error {
	for _, plane := range planes {
		swaps := strings.Contains(strings.ToLower(plane), "sagittal") == o.across
		if swaps != (o.sides == "swap") {
			right := map[bool]string{true: "swap", false: "keep"}[swaps]
			return stage.Fault{
				Err:  fmt.Errorf("%s with sides: %s would give %s images the labels of the wrong side", o.part, o.sides, plane),
				Hint: fmt.Sprintf("set %s.sides to %s; with both planes in one experiment, %s", o.part, right, o.without()),
			}
		}
	}
	return nil
}

func (a Flip) mirrors(numbers []float64) bool { return a.Sides == "swap" && numbers[0] == 1 }

func (a Flip) check(names Names, planes []string) error {
	sides, err := names.Sides()
	switch {
	case err == nil && sides.none(), a.P == 0, a.Horizontal == 0 && a.Vertical == 0:
		return nil
	case a.Vertical > 0:
		return stage.Fault{
			Err:  errors.New("flip turns images upside down while classes, targets, views or covariates have a side: where left and right are then is not defined"),
			Hint: "set flip.vertical to 0",
		}
	}
	return sidesOf{"flip", a.Sides, false}.check(names, planes)
}

// swapped gives mirrored images the channels of the other side.
func swapped(s *torch.Scope, images_BCHW torch.Tensor, mirrored []bool, channels []int) torch.Tensor {
	var some []int
	for i, is := range mirrored {
		if is && channels != nil {
			some = append(some, i)
		}
	}
	if some == nil {
		return images_BCHW
	}
	return onSome(s, images_BCHW, some, len(mirrored), func(s *torch.Scope, x_NCHW torch.Tensor) torch.Tensor { return s.Columns(x_NCHW, channels) })
}

// mirrored finds the images whose sides are swapped.
func (p *plan) mirrored() (out []bool) {
	for _, l := range p.leaves {
		part, ok := l.part.(siding)
		if _, turns := part.(Reverse); !ok || turns && p.batch.Slices < 2 {
			continue
		}
		for _, i := range l.active() {
			if part.mirrors(l.draws[i].numbers) {
				if out == nil {
					out = make([]bool, len(p.batch.Samples))
				}
				out[i] = !out[i]
			}
		}
	}
	return out
}

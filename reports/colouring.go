package reports

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"vertebra/stages/stage"
)

// colouring says which colour each point of a figure has, and what the colours mean.
type colouring struct {
	Name string      `json:"name"`
	Keys []colourKey `json:"keys"`
	Of   []int       `json:"of"` // the ink of each point
	// Wrong are the points of which the answer was wrong: to what the colours say, or where these
	// say no truth, any.
	Wrong []int `json:"wrong"`
}

// colourKey is one entry of the legend.
type colourKey struct {
	Label string `json:"label"`
	Ink   int    `json:"ink"`
	Count int    `json:"count"`
}

// The grey ink is for what has no colour of its own.
const (
	greyInk = inks - 1
	mostOf  = 12 // values of a tag by which points may be coloured
)

// colourings of points: by the true class, for each target where there are several, by the
// predicted one, and by each tag with a few values, such as a site or a scanner.
func (a *album) colourings(points []stage.ScatterPoint) (all []colouring) {
	targets, single := a.targetsOf(points)
	for _, target := range targets {
		name := target
		if single {
			name = "true class"
		}
		c := newColouring(name, a.classes, points, func(p stage.ScatterPoint) string { return a.answer(p, target, a.truth) })
		c.Wrong = a.wrong(points, func(p stage.ScatterPoint) []string { return a.about(p, target) })
		all = append(all, c)
	}
	ofAny := a.wrong(points, func(p stage.ScatterPoint) []string { return p.Cases })
	if single {
		all = append(all, newColouring("predicted class", a.classes, points, func(p stage.ScatterPoint) string { return a.answer(p, targets[0], a.said) }))
	}
	for _, tag := range a.tagsOf(points) {
		all = append(all, newColouring(tag, nil, points, func(p stage.ScatterPoint) string { return a.tag(p, tag) }))
	}
	for i := range all[len(targets):] {
		all[len(targets)+i].Wrong = ofAny
	}
	return all
}

// targetsOf are the targets of the points' cases, as they come; "" of the only question.
func (a *album) targetsOf(points []stage.ScatterPoint) (targets []string, single bool) {
	for _, p := range points {
		for _, id := range p.Cases {
			if t := a.known[id].Tags[stage.TargetTag]; !slices.Contains(targets, t) {
				targets = append(targets, t)
			}
		}
	}
	if len(targets) == 0 {
		targets = []string{""}
	}
	return targets, len(targets) == 1
}

// about are a point's cases of a target of which something is known.
func (a *album) about(p stage.ScatterPoint, target string) (cases []string) {
	for _, id := range p.Cases {
		if said, known := a.known[id]; known && said.Tags[stage.TargetTag] == target {
			cases = append(cases, id)
		}
	}
	return cases
}

// answer is what is said of a point's case of a target; "" where there is none.
func (a *album) answer(p stage.ScatterPoint, target string, of func(stage.Prediction) string) string {
	for _, id := range a.about(p, target) {
		return of(a.known[id])
	}
	return ""
}

func (a *album) truth(p stage.Prediction) string {
	if p.Label < 0 {
		return ""
	}
	return a.class(p.Label)
}

func (a *album) said(p stage.Prediction) string {
	if len(p.Probabilities) == 0 {
		return ""
	}
	return a.class(likeliest(p.Probabilities))
}

// tagsOf are the tags with at least two values and not too many to tell apart.
func (a *album) tagsOf(points []stage.ScatterPoint) (out []string) {
	values := map[string]map[string]bool{}
	for _, p := range points {
		for _, id := range p.Cases {
			for tag, value := range a.known[id].Tags {
				if values[tag] == nil {
					values[tag] = map[string]bool{}
				}
				values[tag][value] = true
			}
		}
	}
	for _, tag := range slices.Sorted(maps.Keys(values)) {
		if n := len(values[tag]); n >= 2 && n <= mostOf && tag != stage.TargetTag && tag != stage.FoldTag {
			out = append(out, tag)
		}
	}
	return out
}

func (a *album) tag(p stage.ScatterPoint, name string) string {
	if len(p.Cases) == 0 {
		return ""
	}
	return a.known[p.Cases[0]].Tags[name]
}

// newColouring gives the most frequent values a colour each, and all others grey. The
// legend has known values in their order, then others by number or alphabet.
func newColouring(name string, order []string, points []stage.ScatterPoint, value func(stage.ScatterPoint) string) colouring {
	counts := map[string]int{}
	for _, p := range points {
		counts[value(p)]++
	}
	unknown := counts[""]
	delete(counts, "")
	list := slices.SortedFunc(maps.Keys(counts), func(x, y string) int { return byOrder(order, x, y) })
	own, inksOf := coloured(list, counts), map[string]int{}
	c := colouring{Name: name}
	for i, v := range own {
		inksOf[v] = i
		c.Keys = append(c.Keys, colourKey{v, i, counts[v]})
	}
	if rest := len(points) - unknown - sumOf(c.Keys); rest+unknown > 0 {
		c.Keys = append(c.Keys, colourKey{greyLabel(rest, unknown), greyInk, rest + unknown})
	}
	for _, p := range points {
		ink, has := inksOf[value(p)]
		if !has {
			ink = greyInk
		}
		c.Of = append(c.Of, ink)
	}
	return c
}

func sumOf(keys []colourKey) (sum int) {
	for _, k := range keys {
		sum += k.Count
	}
	return sum
}

// greyLabel says what the points without a colour are.
func greyLabel(others, unknown int) string {
	switch {
	case unknown == 0:
		return "others"
	case others == 0:
		return "not known"
	}
	return "others, or not known"
}

// coloured are the values that get a colour, in the order of the list.
func coloured(list []string, counts map[string]int) []string {
	frequent := slices.Clone(list)
	slices.SortStableFunc(frequent, func(x, y string) int { return counts[y] - counts[x] })
	frequent = frequent[:min(greyInk, len(frequent))]
	return slices.DeleteFunc(slices.Clone(list), func(v string) bool { return !slices.Contains(frequent, v) })
}

func byOrder(order []string, x, y string) int {
	if i, j := slices.Index(order, x), slices.Index(order, y); i >= 0 && j >= 0 {
		return i - j
	}
	a, err := strconv.ParseFloat(x, 64)
	b, err2 := strconv.ParseFloat(y, 64)
	if err == nil && err2 == nil {
		return cmp.Compare(a, b)
	}
	return cmp.Compare(x, y)
}

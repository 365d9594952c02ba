package explain

import (
	"cmp"
	"fmt"
	"slices"

	"vertebra/stages/stage"
)

// item is a prediction and the number of its image; below 0 where there is no picture.
type item struct {
	stage.Prediction
	image int
	said  int     // the likeliest class
	lead  float64 // of the likeliest class over the next
}

func newItem(p stage.Prediction, image int) item {
	it := item{Prediction: p, image: image}
	for k, v := range p.Probabilities {
		if v > p.Probabilities[it.said] {
			it.said = k
		}
	}
	next := 0.0
	for k, v := range p.Probabilities {
		if k != it.said {
			next = max(next, v)
		}
	}
	it.lead = p.Probabilities[it.said] - next
	return it
}

// choice is what one gallery shows.
type choice struct {
	name, title string
	items       []item
	cell        *stage.Cell
}

// How many pictures a gallery has, and how many cells of the confusion matrix get
// one: the report stays below five megabytes.
const (
	listed   = 12
	ofCell   = 4
	mostCell = 16
)

const leastCertain = "least_certain"

func choose(classes []string, split stage.Split, items []item) []choice {
	wrong := slices.DeleteFunc(slices.Clone(items), func(it item) bool { return it.said == it.Label })
	worst := choice{name: "worst_mistakes", title: fmt.Sprintf("Worst mistakes, %s: the truth was thought least likely", split),
		items: first(wrong, func(it item) float64 { return it.Probabilities[it.Label] })}
	unsure := choice{name: leastCertain, title: fmt.Sprintf("Least certain, %s: two classes nearly as likely", split),
		items: first(items, func(it item) float64 { return it.lead })}
	return append([]choice{worst, unsure}, cells(classes, split, items)...)
}

// pictured are the items with a picture, in a list of their own.
func pictured(items []item) []item {
	return slices.DeleteFunc(slices.Clone(items), func(it item) bool { return it.image < 0 })
}

// first takes the items with the lowest numbers; of equals the first by case.
func first(items []item, of func(item) float64) []item {
	sorted := pictured(items)
	slices.SortFunc(sorted, func(a, b item) int {
		return cmp.Or(cmp.Compare(of(a), of(b)), cmp.Compare(a.CaseID, b.CaseID))
	})
	return sorted[:min(listed, len(sorted))]
}

// cells shows of each cell of the confusion matrix a few cases, from the surest to
// the least sure; with many classes only the fullest cells, mistakes first.
func cells(classes []string, split stage.Split, items []item) []choice {
	type place struct{ label, said int }
	by := map[place][]item{}
	for _, it := range items {
		at := place{it.Label, it.said}
		by[at] = append(by[at], it)
	}
	var places []place
	for at := range by {
		places = append(places, at)
	}
	slices.SortFunc(places, func(a, b place) int {
		right := func(p place) int { return map[bool]int{true: 1}[p.label == p.said] }
		return cmp.Or(right(a)-right(b), len(by[b])-len(by[a]), a.label-b.label, a.said-b.said)
	})
	var out []choice
	for _, at := range places[:min(mostCell, len(places))] {
		truth, said, shown := classes[at.label], classes[at.said], spread(by[at])
		title := fmt.Sprintf("%s taken for %s, %s: %d of %d cases", truth, said, split, len(shown), len(by[at]))
		if truth == said {
			title = fmt.Sprintf("%s recognised, %s: %d of %d cases", truth, split, len(shown), len(by[at]))
		}
		out = append(out, choice{name: fmt.Sprintf("cell_%d_%d", at.label, at.said), title: title, items: shown,
			cell: &stage.Cell{Matrix: ConfusionTitle(split), Row: truth, Column: said}})
	}
	return out
}

// spread takes a few items over the whole range of how sure the net was.
func spread(items []item) []item {
	sorted := pictured(items)
	slices.SortFunc(sorted, func(a, b item) int {
		return cmp.Or(cmp.Compare(b.Probabilities[b.said], a.Probabilities[a.said]), cmp.Compare(a.CaseID, b.CaseID))
	})
	n := min(ofCell, len(sorted))
	out := make([]item, n)
	for i := range out {
		out[i] = sorted[i*(len(sorted)-1)/max(1, n-1)]
	}
	return out
}

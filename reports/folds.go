package reports

import (
	"fmt"
	"slices"
	"strings"

	"vertebra/results"
	"vertebra/stages/stage"
)

// family is what the folds of a cross-validation say of one number in one epoch.
type family struct {
	name, series string
	epoch        int
}

// withFoldMeans gives a run whose folds' numbers of training have a mean beside
// them, as a series of the plain name, for as many epochs as every fold has.
func withFoldMeans(rec *results.RunRecord) *results.RunRecord {
	sums, counts, folds := map[family]float64{}, map[family]int{}, map[string]map[int]bool{}
	var order []stage.Scalar
	for _, s := range rec.Scalars {
		of, fold, ok := stage.ParseFoldName(s.Series)
		if !ok || s.Epoch == stage.Final {
			continue
		}
		key := family{s.Name, of, s.Epoch}
		if counts[key] == 0 {
			s.Series = of
			order = append(order, s)
		}
		if folds[s.Name+of] == nil {
			folds[s.Name+of] = map[int]bool{}
		}
		folds[s.Name+of][fold] = true
		sums[key], counts[key] = sums[key]+s.Value, counts[key]+1
	}
	if len(order) == 0 {
		return rec
	}
	out := *rec
	out.Scalars = slices.Clone(rec.Scalars)
	for _, s := range order {
		key := family{s.Name, s.Series, s.Epoch}
		if n := counts[key]; n == len(folds[s.Name+s.Series]) {
			s.Value = sums[key] / float64(n)
			out.Scalars = append(out.Scalars, s)
		}
	}
	return &out
}

// apart leaves out the numbers of single folds, which have a table.
func apart(finals []stage.Scalar) []stage.Scalar {
	return slices.DeleteFunc(slices.Clone(finals), func(s stage.Scalar) bool {
		_, _, ok := stage.ParseFoldName(s.Series)
		return ok
	})
}

// foldsLast sorts the lines of single folds behind the others, and gives each line
// its look: that of a fold is its mean's, thinner.
func foldsLast(labels []string) ([]string, []look) {
	var whole, single []string
	for _, l := range labels {
		if _, _, ok := stage.ParseFoldName(l); ok {
			single = append(single, l)
		} else {
			whole = append(whole, l)
		}
	}
	looks := looksOf(whole)
	for _, l := range single {
		of, _, _ := stage.ParseFoldName(l)
		thin := look{Thin: true}
		if i := slices.Index(whole, of); i >= 0 {
			thin.Ink = looks[i].Ink
		}
		looks = append(looks, thin)
	}
	return append(whole, single...), looks
}

// foldNote says what thin lines are; "" where there is none.
func foldNote(lines []chartLine) string {
	folds := map[int]bool{}
	for _, l := range lines {
		if _, fold, ok := stage.ParseFoldName(l.Label); ok {
			folds[fold] = true
		}
	}
	if len(folds) == 0 {
		return ""
	}
	return fmt.Sprintf("thick: the mean of %s; thin: each of them", plural(len(folds), "fold", "folds"))
}

// foldSpans gives the phases that all folds went through in the same epochs; none
// where one of them stopped earlier than another.
func foldSpans(phases []stage.PhaseRecord) []chartSpan {
	of := map[int][]stage.PhaseRecord{}
	for _, p := range phases {
		name, fold, ok := stage.ParseFoldName(p.Name)
		if !ok {
			return epochSpans(phases)
		}
		p.Name = name
		of[fold] = append(of[fold], p)
	}
	var spans []chartSpan
	for _, own := range of {
		these := epochSpans(own)
		if spans != nil && !slices.Equal(spans, these) {
			return nil
		}
		spans = these
	}
	return spans
}

// foldBest lists the best epochs of the folds' last phases; "" without folds.
func foldBest(phases []stage.PhaseRecord) string {
	best, order := map[int]int{}, []int{}
	for _, p := range phases {
		_, fold, ok := stage.ParseFoldName(p.Name)
		if !ok {
			return ""
		}
		if _, seen := best[fold]; !seen {
			order = append(order, fold)
		}
		best[fold] = p.BestEpoch
	}
	var words []string
	for _, fold := range order {
		if best[fold] > 0 {
			words = append(words, fmt.Sprint(best[fold]))
		}
	}
	if len(words) == 0 {
		return ""
	}
	return strings.Join(words, ", ") + " of the folds"
}

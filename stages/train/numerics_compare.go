package train

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

// compare fills in how two answers to one batch differ.
func (n *numerics) compare(reduced, exact answer) {
	n.Loss, n.Exact = number(reduced.loss), number(exact.loss)
	logits, gradient := apart{}, apart{}
	for i, want := range exact.logits_BO {
		logits.add(reduced.logits_BO[i], want)
	}
	for i, of := range exact.gradients {
		for j, want := range of {
			gradient.add(float64(reduced.gradients[i][j]), float64(want))
		}
	}
	n.Largest, n.Logits = number(logits.largest), number(logits.relative())
	n.Gradient, n.Cosine = number(gradient.relative()), number(gradient.cosine())
	n.Same = number(sameClass(reduced.probabilities_BK, exact.probabilities_BK, n.Images))
}

// apart is how far numbers are from the exact ones.
type apart struct{ largest, differences, squares, exact, products float64 }

func (a *apart) add(got, want float64) {
	d := got - want
	a.largest = math.Max(a.largest, math.Abs(d)) // NaN if any is
	a.differences += d * d
	a.squares += got * got
	a.exact += want * want
	a.products += got * want
}

// relative is the Euclidean norm of the differences over that of the exact numbers.
func (a *apart) relative() float64 {
	if a.differences == 0 {
		return 0
	}
	return math.Sqrt(a.differences / a.exact)
}

// cosine is that of the angle between both; it does not exist where one is zero.
func (a *apart) cosine() float64 { return a.products / math.Sqrt(a.squares*a.exact) }

// sameClass is the share of rows whose largest numbers are at one place.
func sameClass(a_BK, b_BK []float64, rows int) float64 {
	same, k := 0, len(b_BK)/max(1, rows)
	for i := 0; i+k <= len(b_BK) && k > 0; i += k {
		if largestAt(a_BK[i:i+k]) == largestAt(b_BK[i:i+k]) {
			same++
		}
	}
	return float64(same) / float64(rows)
}

func largestAt(values []float64) int {
	at := 0
	for i, v := range values {
		if v > values[at] {
			at = i
		}
	}
	return at
}

// numericsTable is what the report shows, a row for each phase.
func numericsTable(rows []numerics) stage.Table {
	table := stage.Table{
		Name: "numerics", Title: "Numerics: the precision of training beside fp32", Section: "training",
		Columns: []string{"phase", "precision", "images", "loss", "loss in fp32", "logits: largest difference", "relative difference", "same class, %",
			"gradient: relative difference", "its cosine"},
		Note: numericsNote(rows[0].Precision),
	}
	for _, r := range rows {
		table.Rows = append(table.Rows, []any{r.Phase, r.Precision, r.Images, float64(r.Loss), float64(r.Exact), float64(r.Largest), float64(r.Logits),
			100 * float64(r.Same), float64(r.Gradient), float64(r.Cosine)})
	}
	return table
}

// roundoffs are the largest relative errors of one rounding, in per cent: 2 to the
// power of minus the bits of the mantissa, the hidden one included.
var roundoffs = map[string]float64{"bf16": 100.0 / (1 << 8), "fp16": 100.0 / (1 << 11), "tf32": 100.0 / (1 << 11)}

func numericsNote(precision string) string {
	return fmt.Sprintf("One batch of training images, without augmentation, with the weights that each phase ended with. Each factor that %s rounds is off by up to %.2g %%, "+
		"and such errors add up from layer to layer, forwards and then backwards", precision, roundoffs[precision])
}

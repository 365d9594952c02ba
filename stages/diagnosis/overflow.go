package diagnosis

import (
	"fmt"
	"math"

	"vertebra/stages/stage"
)

// overflow finds phases after which a batch had numbers that are not finite in the
// precision of the training, though all are in fp32. Finite differences are not
// judged: the gradients of sound nets differ by anything up to their own size.
func overflow(r Run) *Finding {
	const phase, precision, loss, exact, logits, gradients = 0, 1, 3, 4, 6, 8 // columns
	for _, t := range r.Tables {
		if of, _, _ := stage.ParseFoldName(t.Name); of != "numerics" {
			continue
		}
		for _, row := range t.Rows {
			if len(row) <= gradients || !finite(row[exact]) {
				continue
			}
			what := ""
			switch {
			case !finite(row[loss]):
				what = "the loss is not finite"
			case infinite(row[logits]):
				what = "outputs are not finite"
			case infinite(row[gradients]):
				what = "gradients are not finite"
			default:
				continue
			}
			return &Finding{"numbers too large for the precision",
				fmt.Sprintf("After phase %v %s in %v on a batch that fp32 computes without trouble.", row[phase], what, row[precision]),
				t.Name, "set train.compute.precision to bf16 or fp32, or lower the learning rate"}
		}
	}
	return nil
}

func finite(cell any) bool {
	v, ok := cell.(float64)
	return ok && !math.IsNaN(v) && !math.IsInf(v, 0)
}

func infinite(cell any) bool {
	v, ok := cell.(float64)
	return ok && math.IsInf(v, 0)
}

package evaluate

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/optimize"
)

// minimise finds the parameters of the least mean log loss from start, by L-BFGS; squared
// distances from start cost ridge. shape turns parameters into a FittedCalibrator. Both calibrators are
// convex in their parameters, so there is one least.
func minimise(p Predictions, start []float64, ridge float64, shape func(parameters []float64) FittedCalibrator) ([]float64, error) {
	logs := make([][]float64, len(p.Items))
	for i, item := range p.Items {
		logs[i] = logarithms(item.Probabilities)
	}
	f := fit{p, logs, start, ridge, shape}
	settings := &optimize.Settings{GradientThreshold: 1e-9, MajorIterations: 500, FuncEvaluations: 2000}
	problem := optimize.Problem{Func: f.loss, Grad: f.gradient}
	found, err := optimize.Minimize(problem, start, settings, &optimize.LBFGS{})
	if found == nil || math.IsNaN(found.F) || err != nil && !converged(f, found.X) {
		return nil, fmt.Errorf("the fit found no least log loss: %w", errors.Join(err))
	}
	return found.X, nil
}

// converged accepts where the line search could not improve any more because
// rounding hides what is left.
func converged(f fit, x []float64) bool {
	g := make([]float64, len(x))
	f.gradient(g, x)
	for _, v := range g {
		if math.Abs(v) > 1e-6 {
			return false
		}
	}
	return true
}

type fit struct {
	p     Predictions
	logs  [][]float64
	start []float64
	ridge float64
	shape func([]float64) FittedCalibrator
}

// loss is the weighted mean of −ln of the true class's calibrated probability, and the ridge.
func (f fit) loss(x []float64) float64 {
	sum := 0.0
	f.each(x, func(i int, w float64, calibrated []float64) {
		sum -= w * math.Log(max(calibrated[f.p.Items[i].Label], math.SmallestNonzeroFloat64))
	})
	sum /= f.p.total()
	for i, v := range x {
		sum += f.ridge * (v - f.start[i]) * (v - f.start[i])
	}
	return sum
}

// gradient is by the parameters: one scale, or a scale for each class and then
// an offset for each but the first.
func (f fit) gradient(g, x []float64) {
	for i, v := range x {
		g[i] = 2 * f.ridge * (v - f.start[i])
	}
	k := len(f.p.Classes)
	f.each(x, func(i int, w float64, calibrated []float64) {
		for class, v := range calibrated {
			if class == f.p.Items[i].Label {
				v--
			}
			d := w * v / f.p.total() // by the logit
			if len(x) == 1 {
				g[0] += d * f.logs[i][class]
				continue
			}
			g[class] += d * f.logs[i][class]
			if class > 0 {
				g[k+class-1] += d
			}
		}
	})
}

func (f fit) each(x []float64, visit func(i int, w float64, calibrated []float64)) {
	m, z := f.shape(x), make([]float64, len(f.p.Classes))
	for i, w := range f.p.weights() {
		copy(z, f.logs[i])
		visit(i, w, softmax(m.logits(z)))
	}
}

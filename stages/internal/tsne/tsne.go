// Package tsne lays points of many dimensions out in a plane so that near ones stay near:
// t-SNE (van der Maaten and Hinton 2008, "Visualizing data using t-SNE"), exact, with the
// defaults of scikit-learn's TSNE, and without chance: the same points get the same places.
package tsne

import (
	"context"
	"math"
	"runtime"

	"golang.org/x/sync/errgroup"
)

// Least is how many points a layout wants.
const Least = 8

// What scikit-learn takes where nobody says otherwise.
const (
	perplexity   = 30
	exaggeration = 12 // of the first steps, which pull clusters together
	early        = 250
	steps        = 1000
)

// Place gives a place in the plane for each of n points, by their squared distances_NN. There
// are at least Least; the only error is that of ctx.
func Place(ctx context.Context, squared []float64, n int) (places [][2]float64, err error) {
	l := &layout{n: n, joint: joint(squared, n, min(perplexity, float64(n-1)/3)), places: begin(squared, n)}
	l.gains, l.update = make([][2]float64, n), make([][2]float64, n)
	for i := range l.gains {
		l.gains[i] = [2]float64{1, 1}
	}
	rate := max(float64(n)/exaggeration/4, 50)
	for step := range steps {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if step < early {
			l.step(l.gradient(exaggeration), rate, 0.5)
		} else {
			l.step(l.gradient(1), rate, 0.8)
		}
	}
	return l.places, nil
}

// layout is the descent of one layout.
type layout struct {
	n             int
	joint         []float64    // how alike points are, joint_NN with sum 1
	places        [][2]float64 // of each point, in the plane
	gains, update [][2]float64
}

// step goes down the gradient with momentum and a gain for each coordinate, which grows while
// the coordinate keeps its direction (Jacobs 1988, as in van der Maaten's code).
func (l *layout) step(gradient [][2]float64, rate, momentum float64) {
	for i := range l.places {
		for d := range 2 {
			if l.update[i][d]*gradient[i][d] < 0 {
				l.gains[i][d] += 0.2
			} else {
				l.gains[i][d] = max(0.01, l.gains[i][d]*0.8)
			}
			l.update[i][d] = momentum*l.update[i][d] - rate*l.gains[i][d]*gradient[i][d]
			l.places[i][d] += l.update[i][d]
		}
	}
}

// force is what moves a point, before the sum over all pairs is known.
type force struct {
	pull, push [2]float64
	weights    float64 // Σ 1 / (1 + d²) over the other points
}

// gradient of the divergence of Kullback and Leibler by the places (equation 5), with the
// joint probabilities multiplied by exaggerated. Each row is summed in one order, so that
// the number of processors does not matter.
func (l *layout) gradient(exaggerated float64) [][2]float64 {
	forces := make([]force, l.n)
	var group errgroup.Group
	parts := runtime.GOMAXPROCS(0)
	for part := range parts {
		group.Go(func() error {
			for i := part * l.n / parts; i < (part+1)*l.n/parts; i++ {
				forces[i] = l.force(i)
			}
			return nil
		})
	}
	_ = group.Wait() // no part fails
	all := 0.0
	for _, f := range forces {
		all += f.weights
	}
	gradient := make([][2]float64, l.n)
	for i, f := range forces {
		for d := range 2 {
			gradient[i][d] = 4 * (exaggerated*f.pull[d] - f.push[d]/all)
		}
	}
	return gradient
}

func (l *layout) force(i int) (f force) {
	at, row := l.places[i], l.joint[i*l.n:(i+1)*l.n]
	for j, other := range l.places {
		if j == i {
			continue
		}
		x, y := at[0]-other[0], at[1]-other[1]
		w := 1 / (1 + x*x + y*y)
		pull, push := row[j]*w, w*w
		f.pull[0] += pull * x
		f.pull[1] += pull * y
		f.push[0] += push * x
		f.push[1] += push * y
		f.weights += w
	}
	return f
}

// divergence of Kullback and Leibler of the places from the joint probabilities: what the
// gradient makes small.
func (l *layout) divergence() (sum float64) {
	all := 0.0
	for i := range l.n {
		all += l.force(i).weights
	}
	for i, a := range l.places {
		for j, b := range l.places {
			if p := l.joint[i*l.n+j]; p > 0 {
				q := 1 / (1 + (a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1])) / all
				sum += p * math.Log(p/q)
			}
		}
	}
	return sum
}

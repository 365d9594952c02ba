package outliers

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// Fit learns what features_NF of training images are like: their mean, and their covariance
// shrunk towards a sphere, with the amount of Ledoit and Wolf (2004, "A well-conditioned
// estimator for large-dimensional covariance matrices"; scikit-learn's LedoitWolf). Of its
// directions the given number with most variance are kept; the others share their mean variance.
func Fit(ctx context.Context, engine *torch.Engine, features_NF [][]float32, axes int) (d Detector, err error) {
	if len(features_NF) < 2 {
		return d, errors.New("an image or none was trained on, of which nothing can be learnt")
	}
	away := centre(features_NF, &d)
	var of spectrum
	if err := engine.Do(ctx, func(s *torch.Scope) (err error) {
		s.NoGrad(func() { of = decompose(s, away, axes) })
		return s.Err()
	}); err != nil {
		return d, fmt.Errorf("the spread of features: %w", err)
	}
	if !(of.trace > 0) {
		return d, stage.Fault{Err: errors.New("the last layer sees the same of all training images"), Hint: "look whether the training went well"}
	}
	d.shrink(of, away)
	return d, nil
}

// centre notes the mean, and gives the features less it.
func centre(features_NF [][]float32, d *Detector) (away matrix) {
	n, f := len(features_NF), len(features_NF[0])
	mean := make([]float64, f)
	for _, row := range features_NF {
		for i, v := range row {
			mean[i] += float64(v) / float64(n)
		}
	}
	away = matrix{rows: n, columns: f}
	for _, row := range features_NF {
		for i, v := range row {
			away.values = append(away.values, float32(float64(v)-mean[i]))
		}
	}
	for _, m := range mean {
		d.Mean = append(d.Mean, float32(m))
	}
	return away
}

type matrix struct {
	values        []float32
	rows, columns int
}

// spectrum is what is known of a covariance S.
type spectrum struct {
	axes      [][]float32
	variances []float64 // along them
	trace     float64   // the sum of all variances
	squares   float64   // the sum of their squares
}

// decompose finds the largest axes of the covariance of rows. Where there are more features than
// rows, it is the rows' inner products that are decomposed, which have the same variances.
func decompose(s *torch.Scope, away matrix, most int) (out spectrum) {
	n, f := away.rows, away.columns
	x_NF := s.To(s.FromFloat32(away.values, int64(n), int64(f)), torch.Float64)
	x_FN := s.Transpose(x_NF, 0, 1)
	small := s.MatMul(x_FN, x_NF)
	if n < f {
		small = s.MatMul(x_NF, x_FN)
	}
	values, vectors := s.Eigen(s.Times(small, 1/float64(n)))
	for _, v := range s.Float64s(values) {
		out.trace, out.squares = out.trace+v, out.squares+v*v
		out.variances = append([]float64{v}, out.variances...) // the largest first
	}
	size := len(out.variances)
	keep := min(most, size)
	largest := s.Narrow(vectors, 1, int64(size-keep), int64(keep))
	if n < f {
		largest = s.MatMul(x_FN, largest)
	}
	rows := s.Float64s(s.Transpose(largest, 0, 1))
	if s.Err() != nil {
		return out
	}
	for k := range keep {
		from := (keep - 1 - k) * f
		if axis, real := unit(rows[from : from+f]); real && out.variances[k] > 1e-12*out.trace {
			out.axes = append(out.axes, axis)
		}
	}
	out.variances = out.variances[:len(out.axes)]
	return out
}

// unit makes a direction of length 1; real is false of one without a length.
func unit(row []float64) (axis []float32, real bool) {
	sum := 0.0
	for _, v := range row {
		sum += v * v
	}
	if !(sum > 0) {
		return nil, false
	}
	for _, v := range row {
		axis = append(axis, float32(v/math.Sqrt(sum)))
	}
	return axis, true
}

// shrink takes the covariance (1 − a)·S + a·m·I, where m is the mean variance.
func (d *Detector) shrink(s spectrum, away matrix) {
	f := float64(away.columns)
	mean, a := s.trace/f, amount(s, away)
	shrunk := func(variance float64) float32 { return float32(max((1-a)*variance+a*mean, 1e-9*mean)) }
	d.Axes = s.axes
	left := s.trace
	for _, v := range s.variances {
		d.Spread = append(d.Spread, shrunk(v))
		left -= v
	}
	if others := f - float64(len(s.axes)); others > 0 {
		d.Rest = shrunk(max(0, left) / others)
	}
}

// amount of shrinking (Ledoit and Wolf 2004, lemmas 3.2 to 3.4): how far S is from the true
// covariance, as a part of how far it is from a sphere, both estimated.
func amount(s spectrum, away matrix) float64 {
	n, f := float64(away.rows), float64(away.columns)
	fourth := 0.0
	for row := range slices.Chunk(away.values, away.columns) {
		length := 0.0
		for _, v := range row {
			length += float64(v) * float64(v)
		}
		fourth += length * length
	}
	fromSphere := s.squares - s.trace*s.trace/f
	fromTruth := min((fourth/n-s.squares)/n, fromSphere)
	if !(fromTruth > 0) {
		return 0
	}
	return fromTruth / fromSphere
}

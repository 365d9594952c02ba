package outliers

import (
	"bytes"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/stage"
)

// Encode gives the bytes of the file that Write writes.
func (d *Detector) Encode() ([]byte, error) {
	var out bytes.Buffer
	err := safetensors.Encode(&out, d.file())
	return out.Bytes(), err
}

// Write stores a safetensors file, whole or not at all: mean_F, axes_KF, spread_K, rest_1 and
// distances_N.
func (d *Detector) Write(path string) error { return safetensors.Write(path, d.file()) }

func (d *Detector) file() safetensors.File {
	k, f := int64(len(d.Axes)), int64(len(d.Mean))
	vector := func(data []float32) safetensors.Tensor {
		return safetensors.Tensor{Shape: []int64{int64(len(data))}, Data: data}
	}
	return safetensors.File{Tensors: map[string]safetensors.Tensor{
		"mean": vector(d.Mean), "axes": {Shape: []int64{k, f}, Data: slices.Concat(d.Axes...)},
		"spread": vector(d.Spread), "rest": vector([]float32{d.Rest}), "distances": vector(d.Distances),
	}}
}

// Decode reads what Encode wrote, and refuses what no Fit gives.
func Decode(data []byte) (d Detector, err error) {
	f, err := safetensors.Decode(data)
	if err == nil {
		err = d.take(f.Tensors)
	}
	if err != nil {
		return Detector{}, stage.Fault{Err: fmt.Errorf("what images of the training are like: %w", err), Hint: "the file is damaged: copy it again, or train again"}
	}
	return d, nil
}

func (d *Detector) take(tensors map[string]safetensors.Tensor) error {
	mean, axes, rest := tensors["mean"].Data, tensors["axes"], tensors["rest"].Data
	d.Mean, d.Spread, d.Distances = mean, tensors["spread"].Data, tensors["distances"].Data
	k, f := len(d.Spread), len(mean)
	if f == 0 || k > f || len(rest) != 1 || len(axes.Data) != k*f || len(d.Distances) == 0 {
		return fmt.Errorf("%d features, %d axes with %d numbers, %d distances", f, k, len(axes.Data), len(d.Distances))
	}
	d.Rest = rest[0]
	for axis := range slices.Chunk(axes.Data, f) {
		d.Axes = append(d.Axes, axis)
	}
	for _, list := range [][]float32{mean, axes.Data, d.Spread, d.Distances, rest} {
		if slices.ContainsFunc(list, func(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) }) {
			return fmt.Errorf("a number is not finite")
		}
	}
	positive := func(v float32) bool { return v > 0 }
	if slices.ContainsFunc(d.Spread, func(v float32) bool { return !positive(v) }) || k < f && !positive(d.Rest) || !slices.IsSorted(d.Distances) {
		return fmt.Errorf("variances that are not positive, or distances out of order")
	}
	return nil
}

package parity

import (
	"math"
	"strings"
)

// Uniform are n numbers in [-1, 1) by a name, as the function u of the reference scripts makes
// them (stages/model/testdata/make_reference.py), so that no weights need to be stored.
func Uniform(name string, n int) []float64 {
	h := uint32(2166136261)
	for _, b := range []byte(name) {
		h = (h ^ uint32(b)) * 16777619
	}
	out := make([]float64, n)
	for i := range out {
		x := uint32(i)*0x9E3779B9 + h
		x = (x ^ x>>16) * 0x85EBCA6B
		x = (x ^ x>>13) * 0xC2B2AE35
		out[i] = float64(x^x>>16)/(1<<31) - 1
	}
	return out
}

// Fill makes a weight of a net by its name, as the function fill of the same scripts does; gain
// is of the weights of convolutions and linear layers.
func Fill(name string, shape []int64, gain float64) []float32 {
	n, fan := 1, 1.0
	for i, d := range shape {
		n *= int(d)
		if i > 0 {
			fan *= float64(d)
		}
	}
	out := make([]float32, n)
	for i, v := range Uniform(name, n) {
		switch {
		case name == "input":
		case strings.HasSuffix(name, "layer_scale"):
			v = 0.5 + 0.1*v
		case strings.HasSuffix(name, "running_var"):
			v = 1 + 0.5*v
		case strings.HasSuffix(name, "running_mean"), strings.HasSuffix(name, "bias"):
			v *= 0.1
		case strings.HasSuffix(name, "bn2.weight"), strings.HasSuffix(name, "bn3.weight"):
			v = 0.2 + 0.04*v
		case len(shape) == 1:
			v = 1 + 0.2*v
		default:
			v *= math.Sqrt(gain / fan)
		}
		out[i] = float32(v)
	}
	return out
}

package registry

import (
	"errors"
	"time"
)

// The sample is a small experiment that has every sort of setting.

type op interface{ Apply(float64) float64 }

var ops = New[op]("augmentation")

type gamma struct {
	Limit float64 `help:"largest change of the exponent" min:"0" under:"1"`
}

func (g gamma) Apply(x float64) float64 { return x + g.Limit }

type flip struct{}

func (flip) Apply(x float64) float64 { return -x }

type resize struct {
	Pixels int    `help:"side of the result" unit:"px" min:"1" max:"4096" required:"true"`
	Mode   string `help:"how pixels between pixels are made" oneof:"nearest linear cubic"`
}

func (resize) Apply(x float64) float64 { return x }

type window struct {
	Percentiles [2]float64 `help:"what becomes black and white" min:"0" max:"100"`
}

func (window) Apply(x float64) float64 { return x }

func (w window) Validate() error {
	if w.Percentiles[0] >= w.Percentiles[1] {
		return errors.New("the first percentile must be below the second")
	}
	return nil
}

type several struct {
	Ops []One[op] `help:"applied in this order"`
}

func (several) Apply(x float64) float64 { return x }

func init() {
	ops.Add("gamma", "brightens or darkens the mid-tones", gamma{Limit: 0.2})
	ops.Add("flip", "mirrors left and right", flip{})
	ops.Add("resize", "makes all images one size", resize{Mode: "linear"})
	ops.Add("window", "spreads the grey values", window{[2]float64{1, 99}})
	ops.Add("several", "does several", several{})
}

type phase struct {
	Name   string        `help:"name of the phase" required:"true"`
	Epochs int           `help:"passes over the data" min:"1"`
	Rate   *float64      `help:"learning rate" over:"0"`
	Limit  time.Duration `help:"longest time" min:"1s"`
}

func (phase) Defaults() phase { return phase{Epochs: 10, Limit: time.Hour} }

type split struct {
	Validation float64 `help:"share" min:"0" max:"1"`
	Test       float64 `help:"share" min:"0" max:"1"`
}

func (s split) Problems() []FieldProblem {
	if s.Validation+s.Test > 1 {
		return []FieldProblem{{"test", "the shares sum to more than 1", "lower one of them"}}
	}
	return nil
}

// chain is a list with a rule of its own.
type chain []One[op]

func (c chain) Validate() error {
	if len(c) > 3 {
		return errors.New("more than three steps")
	}
	return nil
}

type common struct {
	Seed uint64 `help:"random seed"`
}

type sample struct {
	common
	Name    string             `help:"name of the sample"`
	Root    Path               `help:"folder of the data"`
	Fast    bool               `help:"less exact"`
	Ratio   float32            `help:"a ratio"`
	Small   int8               `help:"a small number"`
	Split   split              `help:"who goes where"`
	First   One[op]            `help:"done first"`
	Last    *One[op]           `help:"done last"`
	Ops     chain              `help:"done in this order"`
	IDs     []string           `help:"studies"`
	Weights map[string]float64 `help:"class weights" min:"0"`
	Phases  []phase            `help:"phases of training"`
}

func defaults() sample {
	rate := 0.5
	return sample{
		common: common{42}, Name: "sample", Ratio: 0.5, Split: split{0.2, 0.1},
		First: One[op]{Name: "gamma"}, IDs: []string{"a"}, Weights: map[string]float64{"x": 1},
		Phases: []phase{{Name: "all", Epochs: 1, Rate: &rate, Limit: time.Minute}},
	}
}

// Package export takes the nets of a finished run elsewhere: one file, TorchScript or
// ONNX, whose graph makes of images what the run's predictions are made of.
package export

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"vertebra/stages/augment"
	"vertebra/stages/evaluate"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Shapes: B images, T targets, K classes, O outputs of the net for each target.

// Request is what is exported: the nets of one run, or of the members of an ensemble.
type Request struct {
	Members    []Member
	Blend      evaluate.Blend // of what several members say
	Names      augment.Names
	Layout     preprocess.Layout          // of the images that all members take
	Calibrator *evaluate.FittedCalibrator // of the probabilities in the end; nil where the run is not calibrated
	Raw        bool                       // leaves that out all the same
	Sets       *evaluate.Sets             // of the calibrated probabilities; nil where the run makes none
	About      About
}

// Member is the nets that one run trained, one for each fold.
type Member struct {
	Run        string // id
	Model      model.Config
	Train      train.Config
	Task       model.Task
	Weights    []train.Weights            // one for each net
	Calibrator *evaluate.FittedCalibrator // of the member's own probabilities, before they are blended; nil leaves them
}

// Told is what was found on the way.
type Told struct {
	Nets       int
	Difference float64 // the largest between probabilities of the file's graph and the nets'
	Input      []int64 // C, H, W
	Output     []int64 // K, or T, K
}

// CheckPath refuses a file name that says no format.
func CheckPath(path string) error {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".onnx", ".pt":
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("%s: the ending names no format", path), Hint: "end it with .onnx for ONNX, or .pt for TorchScript"}
}

// Write writes the file in the format that its ending names. Nothing of that name is there
// before the graph has given what the nets give.
func Write(ctx context.Context, env stage.Env, r Request, path string) (told Told, err error) {
	if err := CheckPath(path); err != nil {
		return told, err
	}
	env.Device, env.Recorder = "cpu", stage.Discard
	e := &exporter{Request: r}
	defer func() { err = errors.Join(err, e.close()) }()
	for _, m := range r.Members {
		if err := e.load(ctx, env, m); err != nil {
			return told, err
		}
	}
	err = e.do(ctx, func(s *torch.Scope) error {
		script, err := e.trace(s)
		if err != nil {
			return err
		}
		defer script.Free()
		told.Difference, err = e.place(s, script, path)
		return err
	})
	told.Nets, told.Input, told.Output = e.nets(), e.input(), e.output()
	return told, err
}

// exporter holds the nets of all members. Their tensors lie on the CPU, so the engine of the
// first computes with all.
type exporter struct {
	Request
	members []*member
}

func (e *exporter) do(ctx context.Context, work func(*torch.Scope) error) error {
	return e.members[0].net.Engine().Do(ctx, work)
}

func (e *exporter) close() (err error) {
	for _, m := range e.members {
		err = errors.Join(err, m.close())
	}
	return err
}

// nets counts those of all members.
func (e *exporter) nets() (n int) {
	for _, m := range e.members {
		n += len(m.weights)
	}
	return n
}

// input is the shape of an image.
func (e *exporter) input() []int64 {
	shape := e.Layout.Shape
	return []int64{int64(shape.Channels), int64(shape.Height), int64(shape.Width)}
}

// output is the shape of an image's probabilities.
func (e *exporter) output() []int64 {
	k := int64(len(e.Names.Classes))
	if len(e.Names.Targets) > 0 {
		return []int64{int64(len(e.Names.Targets)), k}
	}
	return []int64{k}
}

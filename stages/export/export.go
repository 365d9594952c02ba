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

// Request is what is exported: nets that one run trained, one for each fold.
type Request struct {
	Model   model.Config
	Train   train.Config
	Task    model.Task
	Names   augment.Names
	Layout  preprocess.Layout
	Folders []string       // of checkpoints, one for each net
	Mend    *evaluate.Mend // of the probabilities; nil where the run is not calibrated
	Raw     bool           // leaves them as the nets give them all the same
	About   About
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
	net, err := model.Blank(ctx, env, r.Model, r.Layout.Shape, r.Task)
	if err != nil {
		return told, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	e := &exporter{Request: r, net: net}
	defer func() { err = errors.Join(err, e.close()) }()
	if err := e.load(ctx); err != nil {
		return told, err
	}
	err = net.Engine().Do(ctx, func(s *torch.Scope) error {
		script, err := e.trace(s)
		if err != nil {
			return err
		}
		defer script.Free()
		told.Difference, err = e.place(s, script, path)
		return err
	})
	told.Nets, told.Input, told.Output = len(e.nets), e.input(), e.output()
	return told, err
}

// exporter holds the weights of all nets.
type exporter struct {
	Request
	net  *model.Net
	kept *torch.Scope
	nets [][]torch.Tensor
}

// load reads the weights that made the run's last predictions.
func (e *exporter) load(ctx context.Context) error {
	for _, folder := range e.Folders {
		if err := train.Restore(ctx, e.net, folder); err != nil {
			return err
		}
		err := e.net.Engine().Do(ctx, func(s *torch.Scope) error {
			if e.kept == nil {
				e.kept = s.Long()
			}
			var own []torch.Tensor
			for _, t := range e.net.Store.Copies(s) {
				own = append(own, s.Move(t, e.kept))
			}
			e.nets = append(e.nets, own)
			return s.Err()
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (e *exporter) close() error {
	if e.kept == nil {
		return nil
	}
	return e.net.Engine().Do(context.Background(), func(*torch.Scope) error { e.kept.Free(); return nil })
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

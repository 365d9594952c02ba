package train

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Weights are those of a net that is trained, wherever they are kept.
type Weights interface {
	// Find gives the name of the file, or says that it is not there and what to do.
	Find() (name string, err error)
	// Read gives its content, which is a safetensors file.
	Read() ([]byte, error)
}

// Folder is that of the checkpoints of a training. Its weights are those that made the last
// predictions.
type Folder string

// Find gives the path of the file.
func (dir Folder) Find() (path string, err error) {
	path = filepath.Join(string(dir), "final.safetensors")
	if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) { // they are the best ones
		path = filepath.Join(string(dir), "best.safetensors")
		_, err = os.Stat(path)
	}
	if err != nil {
		err = stage.Fault{Err: fmt.Errorf("weights: %w", err), Hint: "the run's folder of checkpoints must be where --runs says"}
	}
	return path, err
}

// Read reads the file.
func (dir Folder) Read() ([]byte, error) {
	path, err := dir.Find()
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}

// Restore gives the net the weights of a training.
func Restore(ctx context.Context, net *model.Net, from Weights) error {
	name, f, err := read(from)
	if err != nil {
		return err
	}
	err = net.Engine().Do(ctx, func(s *torch.Scope) error { return net.Load(s, f.Tensors) })
	if err != nil {
		return fmt.Errorf("weights %s: %w", name, err)
	}
	return nil
}

func read(from Weights) (name string, f safetensors.File, err error) {
	if name, err = from.Find(); err != nil {
		return name, f, err
	}
	data, err := from.Read()
	if err == nil {
		f, err = safetensors.Decode(data)
	}
	if err != nil {
		err = fmt.Errorf("weights %s: %w", name, err)
		if fault := (stage.Fault{}); !errors.As(err, &fault) {
			err = stage.Fault{Err: err, Hint: "put back a whole copy of the file"}
		}
	}
	return name, f, err
}

// Alone gives weights as a safetensors file without what checkpoints tell of their training
// besides: settings, numbers, and the data's fingerprint.
func Alone(from Weights) ([]byte, error) {
	_, f, err := read(from)
	if err != nil {
		return nil, err
	}
	checkpoint := f.Metadata
	f.Metadata = map[string]string{"format": "pt"} // as safetensors.torch writes it
	model.Annotate(f.Metadata, checkpoint)
	var out bytes.Buffer
	err = safetensors.Encode(&out, f)
	return out.Bytes(), err
}

// Predict asks a net about all images, in the views of test-time augmentation.
// The predictions are of the test split.
func Predict(ctx context.Context, env stage.Env, cfg Config, net *model.Net, images *preprocess.Images) (out []stage.Prediction, err error) {
	for i := range images.Cases {
		images.Cases[i].Split = stage.Test
	}
	t := &trainer{env: env, cfg: cfg, net: net, images: images, phase: cfg.Phases[len(cfg.Phases)-1]}
	if err := net.Compute(ctx, env, anywhere(net, cfg.Compute)); err != nil {
		return nil, err
	}
	if err := t.findSides(); err != nil {
		return nil, err
	}
	if t.feed, err = openFeed(ctx, env, net, images, cfg.BatchSize()); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	return t.predict(ctx, stage.Test, t.inViews)
}

// anywhere lets a device predict that lacks the format of the training: fp32 stands in
// for what only GPUs have.
func anywhere(net *model.Net, c model.Compute) model.Compute {
	if p := torch.Precision(c.Precision); !net.Engine().Device().CUDA && (p == torch.FP16 || p == torch.TF32) {
		c.Precision = string(torch.FP32)
	}
	return c
}

package train

import (
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

// Weights gives the file of the weights that made the last predictions of a training, in
// the folder of its checkpoints.
func Weights(dir string) (path string, err error) {
	path = filepath.Join(dir, "final.safetensors")
	if _, err = os.Stat(path); errors.Is(err, fs.ErrNotExist) { // they are the best ones
		path = filepath.Join(dir, "best.safetensors")
		_, err = os.Stat(path)
	}
	if err != nil {
		err = stage.Fault{Err: fmt.Errorf("weights: %w", err), Hint: "the run's folder of checkpoints must be where --runs says"}
	}
	return path, err
}

// Restore gives the net the weights that made the last predictions of a training,
// from the folder of its checkpoints.
func Restore(ctx context.Context, net *model.Net, dir string) error {
	path, err := Weights(dir)
	if err != nil {
		return err
	}
	f, err := safetensors.Read(path)
	if err != nil {
		return fmt.Errorf("weights: %w", err)
	}
	err = net.Engine().Do(ctx, func(s *torch.Scope) error { return net.Load(s, f.Tensors) })
	if err != nil {
		return fmt.Errorf("weights %s: %w", path, err)
	}
	return nil
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
	if err := t.takeSides(); err != nil {
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

package model

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Net is a built model. It owns the torch engine that it lives on.
type Net struct {
	Store  *torch.Store
	Groups []string
	Task   Task
	Notes  map[string]string // metadata that files of its weights need: see Annotate

	engine *torch.Engine
	body   torch.Sequence // without sequences in it

	precision    torch.Precision
	channelsLast bool
	measured     Size                // see PrepareRecompute
	made         map[int]torch.DType // by so many first layers: see Features

	input    Input
	volumes  bool            // slices are the depth of a volume: see Volumetric
	beside   int             // channels that each slice gets with its neighbours; 0 and 1: the slice alone
	constant *torch.Scope    // holds factor and addend
	factor   torch.Tensor    // (1, C, 1, 1): 1 / std
	addend   torch.Tensor    // (1, C, 1, 1): −mean / std
	training [2]torch.Tensor // factor and addend while training
}

// Build opens the device and makes the net on it, with the weights that it begins
// with. The caller closes the net.
func Build(ctx context.Context, env stage.Env, cfg Config, shape preprocess.Shape, task Task) (*Net, error) {
	cfg, err := cfg.For(shape)
	if err != nil {
		return nil, err
	}
	n, err := Blank(ctx, env, cfg, shape, task)
	if err != nil || cfg.Backbone.Part.File() == "" {
		return n, err
	}
	told := ""
	err = n.engine.Do(ctx, func(s *torch.Scope) (err error) {
		told, err = n.loadBackbone(s, cfg, env)
		return err
	})
	if err == nil && told != "" {
		err = env.Recorder.Record(ctx, stage.Event{Level: "info", Stage: "model", Text: fmt.Sprintf("weights %s: %s", cfg.Backbone.Part.File(), told)})
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Backbone.Name, closeAfter(n, err))
	}
	return n, nil
}

// Blank is Build for a net whose weights are loaded later: it reads no file.
func Blank(ctx context.Context, env stage.Env, cfg Config, shape preprocess.Shape, task Task) (*Net, error) {
	cfg, err := cfg.For(shape)
	if err != nil {
		return nil, err
	}
	if err := cfg.PlacesFit(shape, task); err != nil {
		return nil, err
	}
	if err := errors.Join(cfg.Input.SlicesFit(task.Held), cfg.CropFits(shape)); err != nil {
		return nil, err
	}
	seen := cfg.Input.Seen(shape, task.Held)
	each := seen
	each.Channels /= task.rows()
	if err := errors.Join(cfg.fits(seen.Channels, task), cfg.VolumeFits(each), cfg.PoolFits(), cfg.LoraFits()); err != nil {
		return nil, err
	}
	engine, err := torch.Open(torch.Options{Device: env.Device, Threads: env.Threads, Deterministic: true})
	if err != nil {
		return nil, err
	}
	n := &Net{engine: engine, input: cfg.Input.spread(), Groups: Groups(cfg), Task: task, Notes: cfg.Lora.notes()}
	if err := engine.Do(ctx, func(s *torch.Scope) error {
		return n.build(s, torch.NewStore(s, env.Seed), cfg, task)
	}); err != nil {
		return nil, fmt.Errorf("%s: %w", cfg.Backbone.Name, closeAfter(n, err))
	}
	if err := n.recordFacts(ctx, env); err != nil {
		return nil, closeAfter(n, err)
	}
	return n, nil
}

func (n *Net) build(s *torch.Scope, store *torch.Store, cfg Config, task Task) error {
	n.constant, n.volumes = s.Long(), cfg.Volumetric()
	n.factor, n.addend = n.constants(s, 1)
	n.training[0], n.training[1] = n.constants(s, n.input.TrainScale)
	if n.Store = store; task.Slices > 1 {
		n.beside = cfg.SliceChannels
	}
	n.body = assemble(n.Store.Root(s), cfg, task)
	return s.Err()
}

// Engine is where the net lives.
func (n *Net) Engine() *torch.Engine { return n.engine }

// Close frees the net and stops its engine. It may be called after a failure.
func (n *Net) Close() error {
	if n.Store != nil {
		if err := n.Store.Close(); err != nil {
			return err
		}
	}
	if n.constant != nil {
		free := func(*torch.Scope) error { n.constant.Free(); return nil }
		if err := n.engine.Do(context.Background(), free); err != nil {
			return err
		}
	}
	return n.engine.Close()
}

func closeAfter(n *Net, err error) error {
	if second := n.Close(); second != nil {
		return fmt.Errorf("%w (and then: %w)", err, second)
	}
	return err
}

// recordFacts records what the net is and what it runs on.
func (n *Net) recordFacts(ctx context.Context, env stage.Env) error {
	var name string
	var threads int
	err := n.engine.Do(ctx, func(s *torch.Scope) (err error) {
		threads = s.Threads()
		name, err = s.DeviceName()
		return err
	})
	if err != nil {
		return err
	}
	total := 0
	for _, p := range n.Store.Parameters {
		if !p.Buffer {
			total += p.Elements()
		}
	}
	return env.Recorder.Record(ctx,
		stage.Fact{Name: "libtorch", Value: torch.Version()},
		stage.Fact{Name: "device", Value: fmt.Sprintf("%s (%s)", n.engine.Device(), name)},
		stage.Fact{Name: "threads", Value: strconv.Itoa(threads)},
		stage.Fact{Name: "parameters", Value: strconv.Itoa(total)})
}

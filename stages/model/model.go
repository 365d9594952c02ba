// Package model builds nets: a backbone with torchvision's names and numerics,
// and a head that the experiment chooses.
package model

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Backbone turns an image into features.
type Backbone interface {
	// Build makes the backbone's parameters under the path. The module makes
	// features_BF of images_BCHW; features is F.
	Build(p torch.Path, channels int64) (m torch.Module, features int64)
	// Groups names the parameter groups from stem to head, without building.
	Groups() []string
	// File is where the first weights come from, or the word of a release; "" draws them.
	File() registry.Path
}

// Layer is one layer of a head.
type Layer interface {
	// Build makes the layer for in features and says how many come out.
	Build(p torch.Path, in int64) (m torch.Module, out int64)
}

// Pool makes features of the last maps of a backbone.
type Pool interface {
	// Build makes its parameters under the path. The module makes features_BF of maps_BFHW.
	Build(p torch.Path) torch.Module
}

// The parts that a model is made of.
var (
	Backbones = registry.New[Backbone]("backbone")
	Pools     = registry.New[Pool]("pooling of places")
	Layers    = registry.New[Layer]("layer")
)

// Config is the section model of an experiment.
type Config struct {
	Backbone      registry.One[Backbone] `help:"turns an image into features"`
	Lora          *Lora                  `help:"puts a correction of low rank beside linear layers of the backbone (LoRA), which train.phases call lora: train: [lora, head] trains these and leaves the backbone as it was. null: none"`
	Pool          registry.One[Pool]     `help:"how the places of the backbone's last maps become one"`
	Head          []registry.One[Layer]  `help:"layers between the backbone and the last, linear one"`
	Views         string                 `help:"how a sample's views enter: as channels of one image (channels), or each by itself through the same backbone, whose features then lie side by side (shared)" oneof:"channels shared"`
	Slices        *registry.One[Pooling] `help:"lets each slice of the step stack through the backbone by itself, and pools their features; with views: channels also each view. null: they are channels of one image"`
	SliceChannels int                    `help:"with slices: 1 shows the backbone each slice alone; an odd number, that of model.input.channels, with its neighbours beside it" min:"1" max:"255"`
	Covariates    Beside                 `help:"how what data.covariates names joins the features of the image"`
	Last          string                 `help:"the last layer: each output has weights of its own (linear), or all of one target share theirs and differ by their bias alone, as the head of CORAL (shared)" oneof:"linear shared"`
	Input         Input                  `help:"how pixels in [0, 1] enter the net: the same for training, validation and test"`
}

// Default is a ResNet-18 with torchvision's input: ImageNet's mean and spread.
var Default = Config{
	Backbone:      registry.One[Backbone]{Name: "resnet18", Part: ResNet18{}},
	Pool:          registry.One[Pool]{Name: "average", Part: AveragePool{}},
	Views:         "channels",
	SliceChannels: 1,
	Covariates:    Beside{Units: 32},
	Last:          "linear",
	Input:         Input{Channels: 3, Mean: []float64{0.485, 0.456, 0.406}, Std: []float64{0.229, 0.224, 0.225}, TrainScale: 1},
}

// Task is what a net is asked: what it sees of a sample, and what it answers. Its outputs
// are the numbers of one target beside those of the next.
type Task struct {
	Views   int   // of a sample that go through the backbone one by one; 0 and 1: the image as it is
	Slices  int   // of a view that do so too; 0 and 1: it is seen as a whole
	Stacks  int   // that the slices are of, one after the other: views that enter as channels; 0 and 1: one
	Targets int   // that are answered
	Each    int   // numbers of a target: one for each class, or what the loss asks for in their place
	Own     []int // numbers of each target, where they have classes of their own; else nil

	// Places answers each target with a place: its numbers are those of the cells of a grid, row by
	// row, and behind them one for "nowhere". Each is the number of Cells and one more.
	Places bool

	Covariates stage.Covariates // what it is told of a sample besides the image
}

// Single is that of a net with one target.
func Single(each int) Task { return Task{Targets: 1, Each: each} }

// rows is how many images of a sample go through the backbone.
func (t Task) rows() int { return max(1, t.Views) * max(1, t.Slices) }

// All is how many numbers come out.
func (t Task) All() (n int) {
	for _, each := range t.Outputs() {
		n += each
	}
	return n
}

// Outputs is how many numbers come out for each target.
func (t Task) Outputs() []int {
	if t.Own != nil {
		return t.Own
	}
	return slices.Repeat([]int{t.Each}, t.Targets)
}

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
	each := shape
	each.Channels /= task.rows()
	if err := errors.Join(cfg.fits(shape.Channels, task), cfg.CropFits(shape), cfg.VolumeFits(each), cfg.PoolFits(), cfg.LoraFits()); err != nil {
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

// assemble makes the layers of a net, from the image to the outputs.
func assemble(root torch.Path, cfg Config, task Task) torch.Sequence {
	if task.Places {
		return assemblePlaces(root, cfg, task)
	}
	backbone, features := cfg.backbone(root)
	body := cfg.pooling(root, torch.Sequence{backbone}.Flat())
	if task.Slices > 1 {
		m, out := cfg.pool(root, int64(task.Slices), features)
		body, features = append(body, m), out
	}
	if task.Views > 1 {
		body, features = append(body, joined{int64(task.Views)}), features*int64(task.Views)
	}
	if len(task.Covariates) > 0 {
		m, out := cfg.Covariates.build(root, task.Covariates, features)
		body, features = append(body, m), out
	}
	for i, layer := range cfg.Head {
		m, out := layer.Part.Build(root.Sub("head").Sub(strconv.Itoa(i)), features)
		body, features = append(body, m), out
	}
	var last torch.Module
	if cfg.Last == "shared" {
		last = torch.NewSharedLinear(root.Sub("fc"), features, task.Outputs())
	} else {
		last = torch.NewLinear(root.Sub("fc"), features, int64(task.All()))
	}
	return append(body, last).Flat()
}

// pooling puts the experiment's pooling in the place of the backbone's average. It belongs
// to the head, since no file of weights has it.
func (c Config) pooling(root torch.Path, body torch.Sequence) torch.Sequence {
	if at := slices.Index(body, torch.GlobalAverage); at >= 0 && c.Pool.Part != nil {
		body[at] = c.Pool.Part.Build(root.Sub("head").Sub("pool"))
	}
	return body
}

// PoolFits wants maps for a pooling that is not the average.
func (c Config) PoolFits() error {
	m, _ := c.Backbone.Part.Build(torch.NewOutlineStore().Root(nil), int64(c.Input.Channels))
	if c.Pool.Name == "" || c.Pool.Name == Default.Pool.Name || slices.Contains(torch.Sequence{m}.Flat(), torch.GlobalAverage) {
		return nil
	}
	return stage.Fault{
		Err:  fmt.Errorf("%s gives its class token, and no maps whose places %s could pool", c.Backbone.Name, c.Pool.Name),
		Hint: fmt.Sprintf("write backbone: {%s: {features: patches}}, or pool: average", c.Backbone.Name),
	}
}

// constants are what pixels are multiplied by, and what is added then.
func (n *Net) constants(s *torch.Scope, scale float64) (factor, addend torch.Tensor) {
	var f, a []float32
	for i, std := range n.input.Std {
		f = append(f, float32(scale/std))
		a = append(a, float32(-n.input.Mean[i]/std*scale))
	}
	shape := []int64{1, int64(len(f)), 1, 1}
	if n.volumes {
		shape = append(shape, 1)
	}
	return s.Move(s.FromFloat32(f, shape...), n.constant), s.Move(s.FromFloat32(a, shape...), n.constant)
}

// Forward makes logits_BK of images_BCHW with values in [0, 1]: the input's
// mean and spread are applied here, so no path to the net can forget them. The
// logits are float32 in every precision.
func (n *Net) Forward(p *torch.Pass, images_BCHW torch.Tensor) torch.Tensor {
	return n.through(p, n.body, n.enter(p, images_BCHW))
}

// Input says how images enter the net.
func (n *Net) Input() Input { return n.input }

// enter takes the middle of images and applies the input's mean and spread. Views and slices
// that go through the backbone one by one are rows then.
func (n *Net) enter(p *torch.Pass, images_BCHW torch.Tensor) torch.Tensor {
	middle := n.input.Crop(p.Scope, images_BCHW)
	factor, addend := n.factor, n.addend
	if p.Train {
		factor, addend = n.training[0], n.training[1]
	}
	made := p.Scale(n.oneByOne(p, middle), factor, addend)
	if middle != images_BCHW {
		p.Discard(middle)
	}
	return made
}

// oneByOne makes rows of what the backbone sees by itself.
func (n *Net) oneByOne(p *torch.Pass, images_BCHW torch.Tensor) torch.Tensor {
	if n.beside > 1 {
		stacks := max(1, n.Task.Stacks) // whose outermost slices are no neighbours
		images_BCHW = p.Windows(apart(p, images_BCHW, max(1, n.Task.Views)*stacks), int64(n.beside))
		images_BCHW = apart(p, images_BCHW, n.Task.Slices/stacks)
	} else {
		images_BCHW = apart(p, images_BCHW, n.Task.rows())
	}
	if n.volumes {
		images_BCHW = volume(p, images_BCHW)
	}
	return images_BCHW
}

// InputTensors are what pixels are multiplied by, and what is added then, outside training.
func (n *Net) InputTensors() []torch.Named {
	return []torch.Named{{Name: "input.factor", Tensor: n.factor}, {Name: "input.addend", Tensor: n.addend}}
}

// through sends x through some layers, in the net's precision. The result is float32.
func (n *Net) through(p *torch.Pass, layers torch.Sequence, x torch.Tensor) torch.Tensor {
	return p.To(n.within(p, layers, x), torch.Float32)
}

// within is through for layers that others follow, which see what these made as it is: a
// number drawn for float32, or rounded from it once more, would be another.
func (n *Net) within(p *torch.Pass, layers torch.Sequence, x torch.Tensor) torch.Tensor {
	x = n.ordered(p, layers, x)
	return p.Autocast(n.precision, func() torch.Tensor { return layers.Forward(p, x) })
}

// ordered keeps the channels of a place together, where the net computes so and the layers want it.
func (n *Net) ordered(p *torch.Pass, layers torch.Sequence, x torch.Tensor) torch.Tensor {
	if dims := len(p.Describe(x).Shape); n.channelsLast && (dims == 4 || dims == 5) && !behind(layers) {
		return p.ChannelsLast(x)
	}
	return x
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

package pretrain

import (
	"context"
	"errors"
	"fmt"
	"os"

	"vertebra/stages/audit"
	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Job is what is to be pretrained for: the net, its task and its training, of one fold.
type Job struct {
	Config   Config
	Model    model.Config
	Task     model.Task
	Train    train.Config
	Material *Material
	Fold     int // as of stage.InFold
	// Machine names what else decides the bits: program, libtorch, device.
	Machine []string
}

// Run gives the weights that the backbone has learnt from images, and measures what its features are
// worth before and after. A pretraining of the same content that the cache has is not done again; one
// that was cut off goes on from where it was, to the same bits on the CPU.
func Run(ctx context.Context, env stage.Env, j Job) (b Backbone, err error) {
	r := &run{env: env, Job: j}
	r.images, r.left = j.Material.InFold(j.Fold)
	if err := Enough(r.images.Len()); err != nil {
		return b, err
	}
	if few := r.Config.Few(r.images.Len()); few != "" {
		if err := env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "train", Text: few}); err != nil {
			return b, err
		}
	}
	m := newMeter(env, j, j.Material.labelled.InFold(j.Fold))
	before, err := m.measure(ctx, nil)
	if err != nil {
		return b, err
	}
	if b, err = r.backbone(ctx); err != nil {
		return b, err
	}
	return b, r.tell(ctx, m, before, b)
}

// run is a pretraining of one fold.
type run struct {
	Job
	env    stage.Env
	images *preprocess.Images
	left   []audit.Left
	reused string // in words
}

// backbone finds the weights, or trains them.
func (r *run) backbone(ctx context.Context) (b Backbone, err error) {
	key, err := r.key()
	if err != nil {
		return b, err
	}
	if b, there := r.kept(key); there {
		r.reused = "as the run had it already"
		return b, nil
	}
	s, waited, err := openStore(ctx, r.env, key)
	if err != nil {
		return b, err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	tell := &teller{to: r.env.Recorder, store: s}
	if err := tell.again(ctx); err != nil {
		return b, err
	}
	b, done, lost := s.finished()
	if done {
		if r.reused = "taken from the cache"; waited {
			r.reused = "another run did it meanwhile"
		}
		s.touch(r.env)
		return b, nil
	}
	if lost == nil {
		if lost, err = s.mend(); err != nil {
			return b, err
		}
	}
	if lost != nil {
		text := fmt.Sprintf("pretraining begins again, since what the cache has of it cannot be read: %v", lost)
		if err := r.env.Recorder.Record(ctx, stage.Event{Level: "warning", Stage: "train", Text: text}); err != nil {
			return b, err
		}
	}
	if err := os.WriteFile(s.path(aboutFile), []byte(r.Config.about(r.Model, r.images.Len())), 0o666); err != nil {
		return b, err
	}
	if b, err = r.train(ctx, s, tell); err != nil {
		return b, err
	}
	return s.finish(b, map[string]string{"format": "pt", "program": "vertebra", keyword: key, "pretraining": string(r.described())})
}

// about says what a pretraining is, for whoever lists the cache.
func (c Config) about(net model.Config, images int) string {
	return fmt.Sprintf("%s of %s: %d epochs of %d images\n", c.Method.Name, net.Backbone.Name, c.Epochs, images)
}

// train goes on from the state in the store, if there is one.
func (r *run) train(ctx context.Context, s *store, tell stage.Recorder) (b Backbone, err error) {
	env := r.env
	env.RunDir, env.Resume, env.BetweenEpochs, env.Recorder = s.dir, true, mayGoOn(r.env), tell
	net, err := model.Build(ctx, env, r.Config.Model(r.Model), r.images.Shape(), r.Config.Task(r.Task))
	if err != nil {
		return b, fmt.Errorf("model: %w", err)
	}
	defer func() { err = errors.Join(err, net.Close()) }()
	if _, err := train.Run(ctx, env, r.Config.Training(r.Train), net, r.images, r.Config.Augment, nothing); err != nil {
		return b, err
	}
	return b, net.Engine().Do(ctx, func(s *torch.Scope) error { b.tensors = net.Backbone(s); return s.Err() })
}

// mayGoOn asks whoever looks after the run between epochs of pretraining, too: none of the run's own is
// done. It may be cut off there, but has not had enough before its end.
func mayGoOn(env stage.Env) func(context.Context, int) error {
	if env.BetweenEpochs == nil {
		return nil
	}
	return func(ctx context.Context, _ int) error {
		if err := env.BetweenEpochs(ctx, 0); !errors.Is(err, stage.ErrEnough) {
			return err
		}
		return nil
	}
}

// nothing is measured on the images themselves.
func nothing([]stage.Prediction) ([]stage.Scalar, error) { return nil, nil }

// tell says what was learnt, and keeps the weights beside those of the run.
func (r *run) tell(ctx context.Context, m meter, before float64, b Backbone) error {
	fact := stage.Fact{Name: "pretraining", Value: r.words()}
	if r.env.Fold > 0 {
		fact.Name = stage.FoldName(fact.Name, r.env.Fold)
	}
	records := []stage.Record{fact}
	if m.validates() {
		after, err := m.measure(ctx, &b)
		if err != nil {
			return err
		}
		records = append(records, r.table(m, before, after), stage.Scalar{
			Name: "neighbours_balanced_accuracy", Title: "Balanced accuracy of nearest neighbours, pretrained features", Series: string(stage.Validation),
			Phase: Name, Epoch: r.Config.Epochs, Value: after, Better: stage.HigherBetter,
		})
	}
	if r.env.RunDir != "" {
		a, err := b.keep(r.env.RunDir)
		if err != nil {
			return err
		}
		records = append(records, a)
	}
	return r.env.Recorder.Record(ctx, records...)
}

func (r *run) words() string {
	words := fmt.Sprintf("%s, %d epochs: %s", r.Config.Method.Name, r.Config.Epochs, r.Material.words(r.images, r.left))
	if r.reused != "" {
		words += "; " + r.reused
	}
	return words
}

// table holds what features were worth before and after.
func (r *run) table(m meter, before, after float64) stage.Table {
	n := min(mostNeighbours, len(m.training))
	return stage.Table{
		Name: "pretraining", Title: "What the frozen features of the backbone are worth", Section: section,
		Columns: []string{"features", "balanced accuracy"},
		Rows:    [][]any{{"before pretraining", before}, {"after pretraining", after}, {"a guess", m.chance()}},
		Note: fmt.Sprintf("each of %d labelled images of validation is called what the %d labelled images of training with the most similar features say, the nearer the more (temperature %g; Wu et al. 2018). "+
			"Nothing was trained on labels. Fine-tuning learns more: the numbers only say whether pretraining has learnt anything", len(m.others), n, temperature),
	}
}

// Package stage holds the words that stages share: what a stage is given
// (Env), what it works on (Case) and what it tells (Record). It imports the
// standard library only, so every other package may use it.
package stage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Env is the world as a stage may see it. Stages read no environment
// variables, clocks or global generators: all of that arrives here.
type Env struct {
	// Now is the clock; tests replace it.
	Now func() time.Time
	// Recorder takes everything that is to be kept or shown.
	Recorder Recorder
	// Cache is a folder for things that can be made again (decoded images).
	Cache string
	// CacheBytes is how much the cache may hold: what was unused for longest goes
	// first. 0 means no limit.
	CacheBytes int64
	// RunDir is this run's own folder (checkpoints, log); "" when nothing is
	// to be written.
	RunDir string
	// Resume says that the run goes on from the checkpoint in RunDir, if there is
	// one.
	Resume bool
	// BetweenEpochs is called when the state is stored, with how many epochs are done,
	// and says whether to go on: nil trains on, ErrEnough evaluates what there is, and
	// another error ends the training like an interruption. A nil function trains on.
	BetweenEpochs func(ctx context.Context, epochs int) error
	// Device names where tensors live: "auto", "cpu", "cuda", "cuda:1".
	Device string
	// Workers is how many goroutines may decode images at once; at least 1.
	Workers int
	// Threads is how many threads libtorch may use for one operation; 0 means
	// its own default.
	Threads int
	// Seed is the experiment's seed; see Rand.
	Seed uint64
	// Fold is the fold of a cross-validation that is trained, from 1; 0 elsewhere.
	Fold int
	// Pretrained is the folder of published weights, and PretrainedURL the address of the
	// folder that missing ones are downloaded from.
	Pretrained, PretrainedURL string
}

// Recorder receives what a run tells: records are kept, progress is only shown.
// Both methods may be called from any goroutine.
type Recorder interface {
	// Record keeps the given records together: all of them or none.
	Record(ctx context.Context, records ...Record) error
	// Progress shows how far a piece of work is. It never fails and never waits.
	Progress(Progress)
}

// Progress is one message of a progress bar.
type Progress struct {
	Stage string // "preprocess", "train"
	Label string // "phase head, epoch 3/50"
	Done  int    // units done so far
	Total int    // 0 when unknown
	Unit  string // "images", "steps"
	Note  string // "loss 0.4312"
}

// Tee is a Recorder that passes everything on to each of its members in turn.
type Tee []Recorder

// Record stops at the first member that fails.
func (t Tee) Record(ctx context.Context, records ...Record) error {
	for _, r := range t {
		if err := r.Record(ctx, records...); err != nil {
			return err
		}
	}
	return nil
}

// Progress tells every member.
func (t Tee) Progress(p Progress) {
	for _, r := range t {
		r.Progress(p)
	}
}

// Discard is a Recorder that forgets everything. What takes time to tell need not be
// made where env.Recorder == Discard.
var Discard Recorder = discard{}

type discard struct{}

func (discard) Record(context.Context, ...Record) error { return nil }

func (discard) Progress(Progress) {}

// OnlyProgress passes progress on, and forgets what is recorded.
type OnlyProgress struct{ Recorder }

// Record forgets.
func (OnlyProgress) Record(context.Context, ...Record) error { return nil }

// Skip is the error of a stage or part that had nothing to do. It is shown and
// recorded, and is no failure.
type Skip struct{ Reason string }

func (s Skip) Error() string { return "skipped: " + s.Reason }

// Fault is an error that the person at the keyboard can mend: what went wrong,
// and what would put it right.
type Fault struct {
	Err  error
	Hint string
}

func (f Fault) Error() string { return fmt.Sprintf("%v\n  hint: %s", f.Err, f.Hint) }

// Unwrap gives the error without its hint.
func (f Fault) Unwrap() error { return f.Err }

// WithoutHint is an error as a part of another text: what went wrong, on one line.
func WithoutHint(err error) error {
	var fault Fault
	if errors.As(err, &fault) {
		return fault.Err
	}
	return err
}

// Wrong is an error that a setting of the experiment is to blame for: whoever knows
// the file can say where it stands.
type Wrong struct {
	Path string // data.split.by
	Err  error
}

func (w Wrong) Error() string { return w.Path + ": " + w.Err.Error() }

// Unwrap gives the error without the setting.
func (w Wrong) Unwrap() error { return w.Err }

// Ordered is a part to which the order of the classes may mean something: their grades.
type Ordered interface{ Ordered() bool }

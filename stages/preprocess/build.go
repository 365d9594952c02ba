package preprocess

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// builder is the work that goroutines share.
type builder struct {
	env   stage.Env
	cfg   Config
	cases audit.Cases
	store *store

	lock     sync.Mutex
	series   map[string]*seriesValues
	finished int
	entries  []entry // by case; without an ID where the image failed
	failed   []Remark
	warned   []Remark
}

// Remark says something of a case or a series: why its image could not be used,
// or a warning.
type Remark struct{ ID, Reason string }

// build runs the steps over every case, on all workers, and publishes the file.
func build(ctx context.Context, env stage.Env, cfg Config, cases audit.Cases, s *store) error {
	b := &builder{env: env, cfg: cfg, cases: cases, store: s, series: map[string]*seriesValues{}, entries: make([]entry, len(cases.Cases))}
	if err := b.readSeries(ctx); err != nil {
		return err
	}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, env.Workers))
	for i := range cases.Cases {
		group.Go(func() error {
			if err := context.Cause(inner); err != nil {
				return err
			}
			return b.one(inner, i)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	head := contents{Slots: len(cases.Cases), Failed: inOrder(b.failed), Warnings: inOrder(b.warned)}
	head.Images = slices.DeleteFunc(b.entries, func(e entry) bool { return e.ID == "" })
	if err := b.enough(ctx, head); err != nil {
		return err
	}
	return s.publish(head)
}

// enough refuses a data set of which most cannot be read: then something else is
// wrong than a few broken files.
func (b *builder) enough(ctx context.Context, head contents) error {
	all := len(b.cases.Cases)
	if len(head.Failed)*2 <= all {
		return nil
	}
	err := error(stage.Fault{
		Err:  fmt.Errorf("%d of %d images cannot be used, the first: %s: %s", len(head.Failed), all, head.Failed[0].ID, head.Failed[0].Reason),
		Hint: "fewer than half are left; mend the files, or leave them out with data.drop",
	})
	return errors.Join(err, b.env.Recorder.Record(ctx, head.failures()...))
}

func inOrder(remarks []Remark) []Remark {
	slices.SortFunc(remarks, func(a, b Remark) int {
		return strings.Compare(a.ID+"\x00"+a.Reason, b.ID+"\x00"+b.Reason)
	})
	return slices.Compact(remarks)
}

// one makes the image of a case and stores it in the case's slot. Only an error
// of the store ends the run; one of the image drops the case.
func (b *builder) one(ctx context.Context, i int) error {
	c := b.cases.Cases[i]
	p, failure := b.picture(ctx, c)
	if err := context.Cause(ctx); err != nil {
		return err // the failure may be no more than this
	}
	var e entry
	if failure == nil {
		var data []byte
		if data, e, failure = quantised(p); failure == nil {
			if err := b.store.write(i, data); err != nil {
				return err
			}
			e.ID, e.Slot = c.ID, i
		}
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.entries[i] = e; failure != nil {
		b.failed = append(b.failed, Remark{c.ID, failure.Error()})
	} else {
		for _, w := range p.Warnings {
			b.warned = append(b.warned, Remark{c.ID, w})
		}
	}
	b.finished++
	b.env.Recorder.Progress(stage.Progress{Stage: "preprocess", Label: "images", Done: b.finished, Total: len(b.cases.Cases), Unit: "images"})
	return nil
}

// picture applies all steps. A step that panics fails its image, not the run.
func (b *builder) picture(ctx context.Context, c stage.Case) (p *Picture, err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("a step broke on this image: %v", broken)
		}
	}()
	p = &Picture{Case: c, Percentiles: func(percents []float64) ([]float64, error) { return b.percentiles(ctx, c.Series, percents) }}
	for _, step := range b.cfg {
		if err := step.Part.Apply(p); err != nil {
			return nil, err
		}
	}
	shape := b.store.shape
	if p.Width != shape.Width || p.Height != shape.Height || len(p.Pixels)*2 != shape.bytes() {
		return nil, fmt.Errorf("the picture is %d×%d, the plan says %d×%d", p.Width, p.Height, shape.Width, shape.Height)
	}
	return p, nil
}

// quantised rounds [0, 1] to sixteen bits, and sums up what the statistics need.
func quantised(p *Picture) ([]byte, entry, error) {
	var e entry
	data := make([]byte, 0, 2*len(p.Pixels))
	for i, v := range p.Pixels {
		if math.IsNaN(float64(v)) {
			return nil, e, fmt.Errorf("pixel %d of row %d is not a number", i%p.Width, i/p.Width)
		}
		n := uint16(math.Round(float64(min(max(v, 0), 1)) * full))
		data = binary.LittleEndian.AppendUint16(data, n)
		e.Sum += uint64(n)
		e.Squares += uint64(n) * uint64(n)
	}
	return data, e, nil
}

package preprocess

import (
	"context"
	"fmt"
	"slices"
	"time"

	"vertebra/stages/internal/kernel"
	"vertebra/stages/stage"
)

// picture applies all steps, from the furthest whose result is at hand.
func (w *worker) picture(ctx context.Context, c stage.Case, keys []key) (p *Picture, from origin, err error) {
	kept := w.b.chain.kept
	if p = w.fromCache(ctx, c, keys); p != nil {
		from = origin{reused: kept + 1, computed: len(keys) - kept - 1}
		return p, from, w.apply(ctx, p, keys, kept+1, len(keys))
	}
	p, start := w.furthest(ctx, c, keys, len(keys)-1)
	from = origin{shared: start, computed: len(keys) - start}
	if kept >= 0 {
		err = w.apply(ctx, p, keys, start, kept+1)
		if err == nil && w.b.storing() && !w.b.kept.has(keys[kept]) {
			err = w.store(ctx, p, keys[kept])
		}
		p.record = nil
		start = max(start, kept+1)
	}
	if err == nil {
		err = w.apply(ctx, p, keys, start, len(keys))
	}
	return p, from, err
}

// store has what the last step takes in stored.
func (w *worker) store(ctx context.Context, p *Picture, k key) (err error) {
	if p.record == nil { // another case asked for it before
		if p.record, err = encodePicture(p, w.b.recordMemory()); err != nil {
			return err
		}
	}
	return w.keep(ctx, record{w.b.kept, k, p.record})
}

// fromCache gives the stored result of a case; nil when there is none.
func (w *worker) fromCache(ctx context.Context, c stage.Case, keys []key) *Picture {
	kept := w.b.chain.kept
	if kept < 0 {
		return nil
	}
	data := w.b.kept.get(keys[kept])
	if data == nil {
		return nil
	}
	p := w.blank(ctx, c)
	if decodePicture(data, p) != nil {
		w.b.kept.forget(keys[kept])
		return nil
	}
	return p
}

// blank is a picture before its first step.
func (w *worker) blank(ctx context.Context, c stage.Case) *Picture {
	p := &Picture{Case: c, spare: &w.spare, lazy: true, Order: Order{By: "position", Direction: "forward"}}
	p.Slice = func() (Statistics, error) { return w.slice(ctx, c) }
	if len(w.series.files) > 0 {
		p.Series = w.series.statistics
	}
	return p
}

// slice gives all values of a case's file.
func (w *worker) slice(ctx context.Context, c stage.Case) (Statistics, error) {
	decoded, err := w.afterStep(ctx, c, 0)
	if err != nil {
		return nil, err
	}
	return decoded.statisticsOfAll(), nil
}

// furthest gives the furthest picture at hand after at most the given step, ready to
// be changed, and the step that comes next.
func (w *worker) furthest(ctx context.Context, c stage.Case, keys []key, last int) (p *Picture, next int) {
	for i := last; i >= 0; i-- {
		if known := w.memo.get(keys[i]); known != nil {
			p = known.clone()
			p.Case, p.Slice, p.Series = c, w.blank(ctx, c).Slice, w.blank(ctx, c).Series
			return p, i + 1
		}
	}
	p = w.blank(ctx, c)
	data, hash := w.load(c.Image)
	if hash != unreadable {
		p.File = data
	}
	return p, 0
}

// afterStep gives a picture after a step and keeps it for others. It must not be
// changed.
func (w *worker) afterStep(ctx context.Context, c stage.Case, step int) (*Picture, error) {
	keys := w.keys(c)
	if known := w.memo.get(keys[step]); known != nil {
		return known, nil
	}
	p, next := w.furthest(ctx, c, keys, step)
	if err := w.apply(ctx, p, keys, next, step+1); err != nil {
		return nil, err
	}
	p.spare = nil // others will look at its pixels
	w.memo.put(keys[step], w.lasting(p))
	return p, nil
}

// apply runs steps. One that panics fails its image, not the run.
func (w *worker) apply(ctx context.Context, p *Picture, keys []key, from, to int) (err error) {
	defer func() {
		if broken := recover(); broken != nil {
			err = fmt.Errorf("a step broke on this image: %v", broken)
		}
	}()
	for i := from; i < to; i++ {
		p.Neighbour, p.Whole = w.series.neighbour(ctx, p, i), w.series.whole(ctx, p, i)
		if _, takes := w.b.chain.cfg[i].Part.(wordTaker); !takes {
			p.numbers()
		}
		if err := w.b.chain.cfg[i].Part.Apply(p); err != nil {
			return err
		}
		if err := p.check(); err != nil {
			return fmt.Errorf("%s: %w", w.b.chain.cfg[i].Name, err)
		}
		if i == 0 {
			w.show(p)
		}
		if i == w.b.chain.kept { // which rounds
			p.numbers()
			if p.record, err = encodePicture(p, w.b.recordMemory()); err != nil {
				return err
			}
		}
		if w.worthKeeping(p.Case, i) {
			w.memo.put(keys[i], w.lasting(p.clone()))
		}
	}
	return nil
}

// show has the audit look at a picture that was just decoded, so that it need not
// decode it too.
func (w *worker) show(p *Picture) {
	file, _ := stage.ParseFramePath(p.Case.Image)
	looks, f := w.b.cases.Looks, w.files[file]
	if !f.steady || p.darkened || p.Channels != 1 || !looks.Wants(p.Case.Image) {
		return
	}
	values := p.Pixels
	if p.words.Bytes != nil {
		values = w.spare.take(p.words.Len())
		p.words.Floats(values)
		defer w.spare.give(values)
	}
	looks.See(p.Case.Image, f.state.Size, time.Unix(0, f.state.Time), p.Width, values)
}

// lasting gives a picture words of its own where the memory of its file will hold
// another.
func (w *worker) lasting(p *Picture) *Picture {
	p.record = nil
	if p.words.Bytes != nil && !w.b.chain.wholeSeries() {
		p.words.Bytes = slices.Clone(p.words.Bytes)
	}
	return p
}

// worthKeeping says whether another case of this series will begin with this
// picture: one on the same image, or statistics of the slice.
func (w *worker) worthKeeping(c stage.Case, step int) bool {
	return step == w.b.chain.branch && w.shares[c.Image] > 1 || step == 0 && w.b.chain.all.Slice
}

// quantise rounds [0, 1] to the stored type, and sums up what the statistics need.
func (w *worker) quantise(p *Picture, m *made) (err error) {
	p.numbers()
	layout := w.b.chain.layout
	if got := (Shape{p.Channels, p.Height, p.Width}); got != layout.Shape {
		return fmt.Errorf("the picture is %d×%d×%d, the plan says %d×%d×%d",
			got.Channels, got.Height, got.Width, layout.Shape.Channels, layout.Shape.Height, layout.Shape.Width)
	}
	m.data, m.row.Sum, m.row.Squares, err = quantised(p, layout, w.batch.memory(layout.bytes()))
	if m.warnings = p.Warnings; len(m.warnings) > 0 {
		m.row.Warned = 1
	}
	return err
}

// quantised uses the memory it is given if there is enough.
func quantised(p *Picture, layout Layout, memory []byte) (data []byte, sum, squares uint64, err error) {
	n := len(p.Pixels) * layout.BytesPerPixel
	data = slices.Grow(memory[:0], n)[:n]
	sums := kernel.Quantise(p.Pixels, layout.BytesPerPixel, data)
	if sums.Bad >= 0 {
		err = fmt.Errorf("pixel %d of row %d is not a number", sums.Bad%p.Width, sums.Bad/p.Width)
	}
	return data, sums.Sum, sums.Squares, err
}

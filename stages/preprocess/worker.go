package preprocess

import (
	"context"

	"vertebra/stages/stage"
)

// worker makes the images of one series after the other. It keeps what cases of
// a series share: file contents and pictures after the first steps.
type worker struct {
	b      *builder
	files  map[string]fileContent
	held   int    // bytes in files
	latest string // of files, read last
	memo   shelf
	shares map[string]int // how many cases lie on an image
	series *seriesView

	spare   spare
	unused  [][]byte // memory for contents of files
	batch   batch
	number  int // of the job
	records []record
	bytes   int // in records
}

// run makes the images of a job. Only an error of the store ends the run; one of
// an image drops its case.
func (w *worker) run(ctx context.Context, j job) error {
	w.reuse()
	w.files, w.held, w.memo, w.shares = map[string]fileContent{}, 0, shelf{}, map[string]int{}
	for _, i := range j.cases {
		w.shares[w.b.cases.Cases[i].Image]++
	}
	w.number, w.records, w.bytes = j.number, nil, 0
	w.series = newSeriesView(w, j.series, w.b.seriesOf(w.b.cases.Cases[j.cases[0]]))
	if err := w.series.read(ctx); err != nil {
		return err
	}
	for _, i := range j.cases {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		if err := w.makeImage(ctx, i); err != nil {
			return err
		}
	}
	return w.b.sequence.last(ctx, w.number, w.records)
}

// keep has a result stored; it takes over the data.
func (w *worker) keep(ctx context.Context, r record) error {
	w.records, w.bytes = append(w.records, r), w.bytes+len(r.data)
	if w.bytes < heldMost && !w.b.sequence.due(w.number) {
		return nil
	}
	records := w.records
	w.records, w.bytes = nil, 0
	return w.b.sequence.some(ctx, w.number, records)
}

func (w *worker) keys(c stage.Case) []key {
	return w.b.chain.keys(c, w.hash(c.Image), w.series.hash)
}

// makeImage makes the image of a case and writes it into the case's slot.
func (w *worker) makeImage(ctx context.Context, i int) error {
	c := w.b.cases.Cases[i]
	keys := w.keys(c)
	if r, ok := w.fromInterrupted(i, keys); ok {
		w.b.count(origin{reused: len(keys)})
		w.b.again(i, r)
		return nil
	}
	p, from, failure := w.picture(ctx, c, keys)
	if err := context.Cause(ctx); err != nil {
		return err // the failure may be no more than this
	}
	w.b.count(from)
	m := made{slot: i, row: row{Key: keys[len(keys)-1]}}
	if failure == nil {
		failure = w.quantise(p, &m)
	}
	if failure != nil {
		w.b.done(i, row{}, nil, failure)
		return nil
	}
	w.spare.give(p.Pixels)
	if w.batch.add(m); !w.batch.full() {
		return nil
	}
	return w.flush()
}

// flush writes the images that are made.
func (w *worker) flush() error {
	err := w.b.store.write(w.batch.images)
	if err == nil {
		for _, m := range w.batch.images {
			w.b.done(m.slot, m.row, m.warnings, nil)
		}
	}
	w.batch.clear()
	return err
}

// fromInterrupted gives what an interrupted run has made of a case, if that was stored as
// well.
func (w *worker) fromInterrupted(i int, keys []key) (row, bool) {
	if kept := w.b.chain.kept; kept >= 0 && w.b.storing() && !w.b.kept.has(keys[kept]) {
		return row{}, false
	}
	return w.b.store.has(i, keys[len(keys)-1])
}

// origin says of how many steps, from the first, a case's results came from the
// cache or from another case of this run; the rest was computed.
type origin struct{ reused, shared, computed int }

func (b *builder) count(o origin) {
	b.lock.Lock()
	defer b.lock.Unlock()
	for i := range b.use {
		switch {
		case i < o.reused:
			b.use[i].Reused++
		case i < o.reused+o.shared:
			b.use[i].Shared++
		case i < o.reused+o.shared+o.computed:
			b.use[i].Computed++
		}
	}
}

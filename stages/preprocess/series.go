package preprocess

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/kernel"
	"vertebra/stages/internal/nifti"
	"vertebra/stages/stage"
)

// seriesOf gives the slices that a case lies among: those of its series, or the
// images of its sample where there is no series, or its image alone.
func (b *builder) seriesOf(c stage.Case) audit.Series {
	if c.Series != "" {
		return b.cases.Series[c.Series]
	}
	var s audit.Series
	images := c.Images
	if images == nil {
		images = []string{c.Image}
	}
	for _, path := range images {
		s.Files = append(s.Files, audit.File{Path: path})
	}
	return s
}

// seriesView is a series as a worker sees it, while it makes the images of it.
type seriesView struct {
	w     *worker
	files []string
	name  string
	hash  string // "" unless some step needs whole series

	histogram histogram
	counted   counted
	order     map[string][][]string // by Order.By: stacks of slices in order
}

func newSeriesView(w *worker, name string, s audit.Series) *seriesView {
	v := &seriesView{w: w, name: name, order: map[string][][]string{}}
	for _, f := range s.Files {
		v.files = append(v.files, f.Path)
	}
	if w.b.chain.wholeSeries() {
		v.hash, _ = seriesHash(s, func(path string) (string, bool) { return w.hash(path), true })
	}
	return v
}

// read finds the statistics of the series in the cache, or computes them. What
// cannot be read is passed over with a warning; a case on it fails by itself.
func (v *seriesView) read(ctx context.Context) error {
	b := v.w.b
	if !b.chain.all.Series || len(v.files) == 0 {
		return nil
	}
	k := b.chain.seriesKey(v.hash)
	h, c, err := decodeHistogram(b.counted.get(k))
	reused := err == nil && c.Files == len(v.files)
	if !reused {
		if h, c, err = v.count(ctx); err != nil {
			return err
		}
		data, err := encodeHistogram(h, c)
		if err != nil {
			return err
		}
		b.counted.forget(k)
		if err := v.w.keep(ctx, record{b.counted, k, data}); err != nil {
			return err
		}
	}
	v.histogram, v.counted = h, c
	b.lock.Lock()
	defer b.lock.Unlock()
	if reused {
		b.series.Reused++
	} else {
		b.series.Computed++
	}
	if c.Broken > 0 && c.Broken < c.Files {
		b.warned = append(b.warned, Remark{"series " + v.name,
			fmt.Sprintf("%d of %d files cannot be read and are not in its statistics, the first: %v", c.Broken, c.Files, c.First)})
	}
	return nil
}

// count decodes every slice. Pictures that cases will ask for are kept.
func (v *seriesView) count(ctx context.Context) (h histogram, c counted, err error) {
	c.Files = len(v.files)
	t := tally{counter: counters.Get().(*kernel.Counter)}
	defer t.close()
	for _, path := range v.files {
		if err := context.Cause(ctx); err != nil {
			return h, c, err
		}
		p, err := v.decoded(ctx, path)
		if err != nil {
			if c.Broken++; c.Broken == 1 {
				c.First = err.Error()
			}
			continue
		}
		t.add(p)
	}
	t.flush()
	return t.done, c, nil
}

func (v *seriesView) decoded(ctx context.Context, path string) (*Picture, error) {
	one := stage.Case{Image: path, Series: v.name}
	if v.w.shares[path] > 0 {
		return v.w.afterStep(ctx, one, 0)
	}
	p := v.w.blank(ctx, one)
	p.File, _ = v.w.load(path)
	return p, v.w.apply(ctx, p, v.w.keys(one), 0, 1)
}

// statistics are of all values of all slices.
func (v *seriesView) statistics() (Statistics, error) {
	switch {
	case len(v.files) == 0:
		return nil, fmt.Errorf("series %q has no files", v.name)
	case len(v.histogram.Values) == 0:
		return nil, fmt.Errorf("no file of series %s can be read, the first: %s", v.name, v.counted.First)
	}
	return v.histogram, nil
}

// besides says whether a step asks for slices beside a picture that has some.
func (v *seriesView) besides(p *Picture, step int) bool {
	return !alone(p.Case) && v.w.b.chain.needs[step].Neighbours && len(v.files) > 0
}

// whole gives a way to all slices of the picture's sample.
func (v *seriesView) whole(ctx context.Context, p *Picture, step int) func() (Whole, error) {
	if !v.besides(p, step) {
		return nil
	}
	return func() (Whole, error) {
		paths, at, err := v.find(p.Case.Image, p.Order.By)
		if p.Case.Point == nil {
			paths = slices.Concat(v.order[p.Order.By]...)
			at = slices.Index(paths, p.Case.Image)
		}
		if p.Order.Direction == "backward" {
			paths, at = slices.Clone(paths), len(paths)-1-at
			slices.Reverse(paths)
		}
		return Whole{at, len(paths), func(i int) (*Picture, error) { return v.nearest(ctx, p, paths, i, step) }}, err
	}
}

// nearest gives a slice of a picture's sample, or the nearest one that can be used, which is
// the picture itself in the end: one broken slice does not cost a whole series.
func (v *seriesView) nearest(ctx context.Context, p *Picture, paths []string, i, step int) (*Picture, error) {
	for away := 0; ; away++ {
		for _, j := range []int{i - away, i + away} {
			if j < 0 || j >= len(paths) {
				continue
			}
			if paths[j] == p.Case.Image {
				return p, nil
			}
			q, err := v.slice(ctx, p, paths[j], step)
			if err == nil || !v.broken(ctx, paths[j]) {
				return q, err
			}
			if away == 0 {
				p.warn("one near it stands for slice %s: %v", filepath.Base(paths[j]), err)
			}
		}
	}
}

// broken says whether it is a file's content that keeps a slice from being made, and not
// that it cannot be read now, or the end of the run.
func (v *seriesView) broken(ctx context.Context, path string) bool {
	data, _ := v.w.load(path)
	return len(data) > 0 && ctx.Err() == nil
}

// neighbour gives a way to the slices beside a picture, as they are before a
// step; nil when the step asks for none.
func (v *seriesView) neighbour(ctx context.Context, p *Picture, step int) func(int) (*Picture, error) {
	if !v.besides(p, step) {
		return nil
	}
	return func(offset int) (*Picture, error) {
		if p.Order.Direction == "backward" {
			offset = -offset
		}
		path, err := v.beside(p.Case.Image, p.Order.By, offset)
		if path == "" || err != nil {
			return nil, err
		}
		return v.slice(ctx, p, path, step)
	}
}

// slice gives another slice of a picture's case, as it is before a step.
func (v *seriesView) slice(ctx context.Context, p *Picture, path string, step int) (*Picture, error) {
	c := p.Case
	c.Image = path
	near, err := v.w.afterStep(ctx, c, step-1)
	if err != nil {
		return nil, fmt.Errorf("neighbouring slice: %w", err)
	}
	q := *near
	q.numbers()
	return &q, nil
}

// beside finds the slice so many places after another in its stack; "" beyond
// the ends.
func (v *seriesView) beside(path, by string, offset int) (string, error) {
	stack, at, err := v.find(path, by)
	if at += offset; err != nil || at < 0 || at >= len(stack) {
		return "", err
	}
	return stack[at], nil
}

// find gives the stack that a slice lies in, and its place there.
func (v *seriesView) find(path, by string) (stack []string, at int, err error) {
	if v.order[by] == nil {
		v.order[by] = v.stacks(by)
	}
	for _, stack := range v.order[by] {
		if at := slices.Index(stack, path); at >= 0 {
			return stack, at, nil
		}
	}
	return nil, 0, fmt.Errorf("%s is not among the slices of its series", path)
}

// stacks puts the slices in order. Files that are not DICOM have only names.
func (v *seriesView) stacks(by string) [][]string {
	named := slices.Clone(v.files)
	slices.SortStableFunc(named, byName)
	if by == "name" {
		return [][]string{named}
	}
	var heads []dicom.Header
	var paths, rest []string
	for _, path := range named {
		data, _ := v.w.load(path)
		file, frame := stage.ParseFramePath(path)
		h, err := placeOf(file, data, frame)
		if err != nil {
			if isPicture(data) {
				rest = append(rest, path)
			}
			continue // a broken slice has no neighbours
		}
		heads, paths = append(heads, h), append(paths, path)
	}
	out := [][]string{rest}
	if by == "instance" {
		return append(out, byInstance(heads, paths))
	}
	for _, stack := range dicom.Stacks(heads) {
		var one []string
		for _, i := range stack.Slices {
			one = append(one, paths[i])
		}
		out = append(out, one)
	}
	return out
}

// placeOf is what a file says of where a slice of it lies.
func placeOf(file string, data []byte, frame int) (dicom.Header, error) {
	if isVolume(data) {
		v, err := nifti.ReadHeader(bytes.NewReader(data))
		if err != nil {
			return dicom.Header{}, err
		}
		number := max(frame, 1)
		v, slice := v.At(number)
		return dicom.Header{Rows: v.Rows, Columns: v.Columns, Orientation: v.Orientation, Position: v.Position(slice), InstanceNumber: &number}, nil
	}
	h, err := dicom.DecodeHeader(file, data)
	if err != nil {
		return h, err
	}
	return h.Slice(frame)
}

// byName compares file names. Frames of a file come in their order.
func byName(x, y string) int {
	fileX, frameX := stage.ParseFramePath(x)
	fileY, frameY := stage.ParseFramePath(y)
	return cmp.Or(stage.CompareNames(filepath.Base(fileX), filepath.Base(fileY)), frameX-frameY)
}

// byInstance orders by InstanceNumber; slices without one come last.
func byInstance(heads []dicom.Header, paths []string) []string {
	at := make([]int, len(paths))
	for i := range at {
		at[i] = i
	}
	number := func(i int) int {
		if heads[i].InstanceNumber == nil {
			return 1 << 62
		}
		return *heads[i].InstanceNumber
	}
	slices.SortStableFunc(at, func(i, j int) int { return number(i) - number(j) })
	out := make([]string, len(paths))
	for i, j := range at {
		out[i] = paths[j]
	}
	return out
}

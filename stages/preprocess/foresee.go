package preprocess

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Foresee tells for each step how many cases' results would be computed and how
// many the cache has, and the same of series where their statistics are needed. It
// reads no image and writes nothing: of a file that was never hashed, or has
// changed, everything counts as to be computed.
func Foresee(ctx context.Context, env stage.Env, cfg Config, cases audit.Cases) ([]StepUse, error) {
	layout, err := Describe(cfg)
	if err != nil {
		return nil, err
	}
	sums := readChecksums(env.Cache)
	b := newBuilder(env, newChain(cfg, layout), cases.Pictures(), &cache{env: env, sums: sums})
	known := remembered(b.audited, len(b.cases.Cases)/2)
	if name, known := b.key(known); known {
		if images, err := openImages(env.Cache, name, layout); err == nil {
			b.hit = true
			return b.used(), images.Close()
		}
	}
	if err := b.lookInto(); err != nil {
		return nil, err
	}
	err = b.foresee(ctx, known)
	return b.used(), errors.Join(err, b.closeLooked())
}

// lookInto opens what there is to be read.
func (b *builder) lookInto() (err error) {
	c := b.chain
	if c.kept >= 0 {
		if b.kept, err = openResults(b.cache.folder(c.folder[c.kept])); err != nil {
			return err
		}
	}
	if c.all.Series {
		if b.counted, err = openResults(b.cache.folder(c.seriesFolder())); err != nil {
			return err
		}
	}
	path := filepath.Join(b.env.Cache, "images-"+b.request()+partial)
	if f, err := os.Open(path); err == nil {
		b.store = &store{file: f, path: path, layout: c.layout, slots: len(b.cases.Cases)}
	}
	return nil
}

func (b *builder) closeLooked() error {
	var errs []error
	for _, r := range []*results{b.kept, b.counted} {
		if r != nil {
			errs = append(errs, r.close())
		}
	}
	if b.store != nil {
		errs = append(errs, b.store.file.Close())
	}
	return errors.Join(errs...)
}

func (b *builder) foresee(ctx context.Context, known hashes) error {
	series := map[string]string{}
	for i, one := range b.cases.Cases {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		file, seen := known(one.Image)
		name := b.seriesName(one)
		if _, seen := series[name]; !seen && b.chain.wholeSeries() {
			hash, whole := seriesHash(b.seriesOf(one), known)
			if series[name] = hash; !whole {
				series[name] = ""
			}
			b.foreseeSeries(series[name])
		}
		o := origin{computed: len(b.chain.cfg)}
		if seen && (!b.chain.wholeSeries() || series[name] != "") {
			o = b.origin(i, b.chain.keys(one, file, series[name]))
		}
		b.count(o)
	}
	return nil
}

// audited gives the hash of a file as the audit has just found it, which needs no
// second look at it.
func (b *builder) audited(path string) (hash string, known bool) {
	if size, modified, ok := b.cases.Stat(path); ok {
		return b.cache.sums.as(path, size, modified)
	}
	return b.cache.sums.known(path)
}

// remembered asks about each of some files once: an image holds several cases.
func remembered(ask hashes, files int) hashes {
	type answer struct {
		hash  string
		known bool
	}
	had := make(map[string]answer, files)
	return func(path string) (string, bool) {
		a, ok := had[path]
		if !ok {
			a.hash, a.known = ask(path)
			had[path] = a
		}
		return a.hash, a.known
	}
}

func (b *builder) foreseeSeries(hash string) {
	switch {
	case !b.chain.all.Series:
	case hash != "" && b.counted.has(b.chain.seriesKey(hash)):
		b.series.Reused++
	default:
		b.series.Computed++
	}
}

// origin says where a case's results would come from.
func (b *builder) origin(i int, keys []key) origin {
	n := len(keys)
	if b.store != nil && b.store.holds(i, keys[n-1]) {
		return origin{reused: n}
	}
	if kept := b.chain.kept; kept >= 0 && b.kept.has(keys[kept]) {
		return origin{reused: kept + 1, computed: n - kept - 1}
	}
	return origin{computed: n}
}

// used gives the counts; with all images in the cache, every step was reused.
func (b *builder) used() []StepUse {
	out := append([]StepUse(nil), b.use...)
	if b.hit {
		for i := range out {
			out[i].Reused = len(b.cases.Cases)
		}
	}
	if b.series.Computed+b.series.Reused > 0 {
		out = append(out, b.series)
	}
	return out
}

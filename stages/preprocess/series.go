package preprocess

import (
	"context"
	"fmt"
	"sync"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/stage"
)

// seriesValues holds a series' percentiles, computed once.
type seriesValues struct {
	once sync.Once
	ends []float64
	err  error
}

// readSeries computes the percentiles that steps will ask for, a series to a
// worker. Without this, workers would wait for one another: cases of one series
// come one after the other.
func (b *builder) readSeries(ctx context.Context) error {
	wanted := b.cfg.seriesPercents()
	if len(wanted) == 0 {
		return nil
	}
	keys := seriesOf(b.cases)
	var lock sync.Mutex
	done := 0
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, b.env.Workers))
	for _, key := range keys {
		group.Go(func() error {
			for _, percents := range wanted {
				// A series that gives none fails its cases later, one by one.
				_, _ = b.percentiles(inner, key, percents)
			}
			lock.Lock()
			defer lock.Unlock()
			done++
			b.env.Recorder.Progress(stage.Progress{Stage: "preprocess", Label: "series", Done: done, Total: len(keys), Unit: "series"})
			return context.Cause(inner)
		})
	}
	return group.Wait()
}

// percentiles are over all pixels of all slices of a series.
func (b *builder) percentiles(ctx context.Context, key string, percents []float64) ([]float64, error) {
	b.lock.Lock()
	name := fmt.Sprint(key, percents)
	s := b.series[name]
	if s == nil {
		s = &seriesValues{}
		b.series[name] = s
	}
	b.lock.Unlock()
	s.once.Do(func() {
		values, err := b.seriesPixels(ctx, key)
		if err != nil {
			s.err = err
			return
		}
		s.ends, s.err = percentiles(values, percents)
	})
	return s.ends, s.err
}

// seriesPixels reads all slices. Those that cannot be read are passed over with
// a warning; a case on one of them fails by itself.
func (b *builder) seriesPixels(ctx context.Context, key string) ([]float32, error) {
	files := b.cases.Series[key].Files
	var values []float32
	var first error
	broken := 0
	for _, f := range files {
		if err := context.Cause(ctx); err != nil {
			return nil, err
		}
		img, err := dicom.ReadImage(f.Path)
		if err != nil {
			if broken++; first == nil {
				first = err
			}
			continue
		}
		if values == nil {
			values = make([]float32, 0, len(img.Pixels)*len(files))
		}
		values = append(values, img.Pixels...)
	}
	switch {
	case len(files) == 0:
		return nil, fmt.Errorf("series %q has no files", key)
	case len(values) == 0:
		return nil, fmt.Errorf("no file of series %s can be read, the first: %w", key, first)
	case broken > 0:
		b.lock.Lock()
		defer b.lock.Unlock()
		reason := fmt.Sprintf("%d of %d files cannot be read and are not in its percentiles, the first: %v", broken, len(files), first)
		b.warned = append(b.warned, Remark{"series " + key, reason})
	}
	return values, nil
}

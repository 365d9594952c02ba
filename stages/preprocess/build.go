package preprocess

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"sync"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/audit"
	"vertebra/stages/internal/dicom"
	"vertebra/stages/stage"
)

// build runs the steps over every case, on all workers, and stores the result.
func build(ctx context.Context, env stage.Env, cfg Config, cases audit.Cases, shape Shape, key string) error {
	b := &builder{env: env, cfg: cfg, cases: cases, shape: shape, series: map[string]*seriesValues{}}
	pixels := make([][]byte, len(cases.Cases))
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, env.Workers))
	for i, c := range cases.Cases {
		group.Go(func() error {
			if err := context.Cause(inner); err != nil {
				return err
			}
			data, warnings, err := b.one(c)
			pixels[i] = data
			b.done(c, warnings, err)
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if len(b.failed)*2 > len(cases.Cases) {
		first := b.failed[0]
		return fmt.Errorf("%d of %d images could not be read, the first: %s: %s", len(b.failed), len(cases.Cases), first.ID, first.Reason)
	}
	head := contents{Key: key, Shape: shape, Failed: b.failed, Warnings: b.warned}
	var kept [][]byte
	for i, data := range pixels {
		if data != nil {
			head.IDs = append(head.IDs, cases.Cases[i].ID)
			kept = append(kept, data)
		}
	}
	return writeImages(env.Cache, head, kept)
}

// builder is the work that goroutines share.
type builder struct {
	env   stage.Env
	cfg   Config
	cases audit.Cases
	shape Shape

	lock     sync.Mutex
	series   map[string]*seriesValues
	finished int
	failed   []Failed
	warned   []Failed
}

// Failed is a case whose image could not be used, or a warning about one.
type Failed struct{ ID, Reason string }

func (b *builder) one(c stage.Case) (data []byte, warnings []string, err error) {
	p := &Picture{Case: c, Percentiles: func(percents []float64) ([]float64, error) { return b.percentiles(c.Series, percents) }}
	for _, step := range b.cfg {
		if err := step.Part.Apply(p); err != nil {
			return nil, nil, err
		}
	}
	if p.Width != b.shape.Width || p.Height != b.shape.Height {
		return nil, nil, fmt.Errorf("the picture is %d×%d, the plan says %d×%d", p.Width, p.Height, b.shape.Width, b.shape.Height)
	}
	data = make([]byte, 0, 2*len(p.Pixels))
	for _, v := range p.Pixels {
		if math.IsNaN(float64(v)) {
			return nil, nil, fmt.Errorf("a pixel is not a number")
		}
		data = binary.LittleEndian.AppendUint16(data, uint16(math.Round(float64(min(max(v, 0), 1))*65535)))
	}
	return data, p.Warnings, nil
}

func (b *builder) done(c stage.Case, warnings []string, err error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	b.finished++
	if err != nil {
		b.failed = append(b.failed, Failed{c.ID, err.Error()})
	}
	for _, w := range warnings {
		b.warned = append(b.warned, Failed{c.ID, w})
	}
	b.env.Recorder.Progress(stage.Progress{Stage: "preprocess", Label: "images", Done: b.finished, Total: len(b.cases.Cases), Unit: "images"})
}

// seriesValues holds a series' percentiles, computed once.
type seriesValues struct {
	once sync.Once
	ends []float64
	err  error
}

// percentiles are over all pixels of all slices of a series. Slices that cannot
// be read are passed over; a case on one of them fails by itself.
func (b *builder) percentiles(key string, percents []float64) ([]float64, error) {
	name := fmt.Sprint(key, percents)
	b.lock.Lock()
	s := b.series[name]
	if s == nil {
		s = &seriesValues{}
		b.series[name] = s
	}
	b.lock.Unlock()
	s.once.Do(func() {
		var values []float32
		for _, f := range b.cases.Series[key].Files {
			img, err := dicom.ReadImage(f.Path)
			if err != nil {
				s.err = err
				continue
			}
			values = append(values, img.Pixels...)
		}
		if len(values) > 0 {
			s.ends, s.err = percentiles(values, percents), nil
		}
	})
	return s.ends, s.err
}

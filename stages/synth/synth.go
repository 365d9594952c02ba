// Package synth writes data sets of the shape of the RSNA 2024 lumbar spine
// collection: real DICOM files and tables, made up from a seed. Severity shows
// in the pictures as the width of the bright structure at the labelled point,
// so that a small net can learn it; it is for demos and tests, and nothing in it
// is medical.
package synth

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"

	"vertebra/stages/stage"
)

// version enters synth.json: files of another version are written anew. Raise
// it with every change that gives other bytes.
const version = 4

// Summary tells what is in the folder.
type Summary struct {
	Studies, Series, Files, Points int
	// Classes counts the labels: normal or mild, moderate, severe.
	Classes [3]int
	// Planted lists the defects in the order of Options.Defects.
	Planted []Planted
	// Test is the part without labels, nil where none was asked for; all else tells of the
	// part train.
	Test *Summary `json:",omitempty"`
	// Already says that the very same was there before, and nothing was written.
	Already bool `json:"-"`
}

// Planted is a defect that was put in, and where.
type Planted struct {
	Defect string
	Study  string
	Series string   // its id; "" when no one series is at fault
	Row    string   // <study>_<condition>_<level>, the first of Rows; "" when there is none
	Rows   []string // every row touched
	File   string   // slash-separated, in the folder; "" when no one file is at fault
}

// Write makes a data set in a folder that is new, empty, or was made by Write.
// Equal options give equal bytes, whatever the number of processors.
func Write(ctx context.Context, dir string, opt Options) (Summary, error) {
	opt = opt.filled()
	if err := opt.check(); err != nil {
		return Summary{}, err
	}
	f := folder(dir)
	if s, ok, err := f.holds(opt); err != nil || ok {
		return s, err
	}
	if err := context.Cause(ctx); err != nil {
		return Summary{}, err
	}
	studies := newStudies(opt)
	unlabelled := newTestStudies(opt, studies)
	s := Summary{Planted: plant(studies, opt)}
	for i := range studies {
		if i == 0 || i > len(opt.Defects) { // a study with a defect keeps all else
			studies[i].leaveGaps(stage.Rand(opt.Seed, train.purpose("gaps"), i), opt.Gaps)
		}
	}
	s.count(studies)
	if len(unlabelled) > 0 {
		s.Test = &Summary{}
		s.Test.count(unlabelled)
	}
	if err := f.begin(opt); err != nil {
		return Summary{}, err
	}
	if err := writeTables(dir, studies, unlabelled); err != nil {
		return Summary{}, fmt.Errorf("writing the tables: %w", err)
	}
	if err := writeImages(ctx, dir, slices.Concat(studies, unlabelled)); err != nil {
		return Summary{}, fmt.Errorf("writing the images: %w", err)
	}
	return s, f.finish(opt, s)
}

// plant puts each defect into a study of its own, so that none hides another.
// The first study stays sound where there are enough.
func plant(studies []*study, opt Options) []Planted {
	var out []Planted
	for i, name := range opt.Defects {
		d, _ := findDefect(name)
		victim := studies[(i+1)%len(studies)]
		p := d.plant(victim, stage.Rand(opt.Seed, "synth defect "+name))
		p.Defect, p.Study = name, victim.name()
		if len(p.Rows) > 0 {
			p.Row = p.Rows[0]
		}
		out = append(out, p)
	}
	return out
}

func (s *Summary) count(studies []*study) {
	s.Studies = len(studies)
	for _, st := range studies {
		s.Points += len(st.points)
		for _, label := range st.labels {
			s.Classes[label]++
		}
		s.Series += len(st.series)
		for _, se := range st.series {
			for _, sl := range se.slices {
				if !sl.missing {
					s.Files++
				}
			}
		}
	}
}

// writeImages stores the studies' files, a study at a time on each processor.
func writeImages(ctx context.Context, dir string, studies []*study) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan *study)
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for s := range next {
				if err := s.write(ctx, dir); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, s := range studies {
		if ctx.Err() != nil {
			break
		}
		next <- s
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

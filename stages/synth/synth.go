// Package synth writes data sets of the shape of the RSNA 2024 lumbar spine
// collection: real DICOM files and tables, made up from a seed. Severity shows
// in the pictures as the width of the bright structure at the labelled point,
// so that a small net can learn it. For demos and tests; nothing is medical.
package synth

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/stage"
)

// version enters synth.json: files of another version are not taken for these.
const version = 1

// Options say what to write. Equal options give equal bytes.
type Options struct {
	Seed    uint64
	Studies int
	Size    int      // columns of a sagittal image, in pixels
	Defects []string // see DefectNames
}

// Default is a data set that a demo learns from in a minute.
var Default = Options{Seed: 42, Studies: 40, Size: 112}

// Summary tells what was written.
type Summary struct {
	Studies, Series, Files, Points int
	Classes                        [3]int
	Planted                        []Planted
	Already                        bool `json:"-"` // it was there before
}

// Planted is a defect that was put in.
type Planted struct{ Defect, Study, Series, Row string }

// state is synth.json: it marks a folder as made here.
type state struct {
	Version int
	Options Options
	Summary Summary
}

// Write makes a data set in a folder that is empty, new, or of its own making.
func Write(ctx context.Context, dir string, o Options) (Summary, error) {
	if err := o.check(); err != nil {
		return Summary{}, err
	}
	old, err := claim(dir, o)
	if err != nil || old != nil {
		return deref(old), err
	}
	studies := make([]*study, o.Studies)
	for i := range studies {
		studies[i] = newStudy(o, i)
	}
	s := Summary{Studies: len(studies)}
	for i, name := range o.Defects {
		d, _ := findDefect(name)
		victim := studies[(i+1)%len(studies)]
		s.Planted = append(s.Planted, d.plant(victim, stage.Rand(o.Seed, "defect "+name)))
		s.Planted[i].Defect, s.Planted[i].Study = name, victim.name()
	}
	s.count(studies)
	if err := writeAll(ctx, dir, o, studies); err != nil {
		return Summary{}, err
	}
	text, err := json.MarshalIndent(state{version, o, s}, "", "  ")
	if err != nil {
		return Summary{}, err
	}
	return s, os.WriteFile(filepath.Join(dir, "synth.json"), append(text, '\n'), 0o644)
}

func deref(s *Summary) Summary {
	if s == nil {
		return Summary{}
	}
	return *s
}

func (o Options) check() error {
	switch {
	case o.Studies < 1 || o.Studies > 100000:
		return fmt.Errorf("studies %d; want 1 to 100000", o.Studies)
	case o.Size < 48 || o.Size > 1024:
		return fmt.Errorf("size %d; want 48 to 1024 pixels", o.Size)
	}
	if len(o.Defects) > o.Studies {
		return fmt.Errorf("%d defects want a study each, there are %d studies", len(o.Defects), o.Studies)
	}
	for _, name := range o.Defects {
		if _, ok := findDefect(name); !ok {
			return fmt.Errorf("there is no defect %q; have %s", name, strings.Join(DefectNames(), ", "))
		}
	}
	return nil
}

// claim makes the folder ready. It gives the old summary when the very same is
// there, and refuses a folder with anything that it did not make.
func claim(dir string, o Options) (*Summary, error) {
	text, err := os.ReadFile(filepath.Join(dir, "synth.json"))
	if err == nil {
		var old state
		want, _ := json.Marshal(o)
		if json.Unmarshal(text, &old) == nil {
			if have, _ := json.Marshal(old.Options); old.Version == version && string(have) == string(want) {
				old.Summary.Already = true
				return &old.Summary, nil
			}
		}
		return nil, clear(dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if len(entries) > 0 && !unfinished(entries) {
		return nil, stage.Fault{Err: fmt.Errorf("%s is not empty and was not made by synth", dir), Hint: "name a new folder"}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	return nil, os.WriteFile(filepath.Join(dir, ".synth-unfinished"), nil, 0o644)
}

// unfinished says whether a write of ours was cut off.
func unfinished(entries []os.DirEntry) bool {
	for _, e := range entries {
		if e.Name() == ".synth-unfinished" {
			return true
		}
	}
	return false
}

// clear removes what an earlier write left, and nothing else.
func clear(dir string) error {
	for _, name := range []string{"synth.json", "train.csv", "train_label_coordinates.csv", "train_series_descriptions.csv", "sample_submission.csv", "train_images"} {
		if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return os.WriteFile(filepath.Join(dir, ".synth-unfinished"), nil, 0o644)
}

func (s *Summary) count(studies []*study) {
	for _, st := range studies {
		for _, cell := range st.labels {
			if cell >= 0 {
				s.Classes[cell]++
			}
		}
		s.Points += len(st.points)
		for _, se := range st.series {
			s.Series++
			for _, sl := range se.slices {
				if !sl.missing {
					s.Files++
				}
			}
		}
	}
}

func writeAll(ctx context.Context, dir string, o Options, studies []*study) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for _, st := range studies {
		group.Go(func() error {
			if err := context.Cause(inner); err != nil {
				return err
			}
			return st.write(dir, o)
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if err := writeTables(dir, studies); err != nil {
		return err
	}
	return os.Remove(filepath.Join(dir, ".synth-unfinished"))
}

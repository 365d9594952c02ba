package stage

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"strconv"
	"strings"
)

// Fold is one part of a cross-validation, or the only net of a run.
type Fold struct {
	Number int // from 1; 0 for a single split, AllFolds to validate on none
	Of     int // folds that the run trains; up to 1 the net has the run for itself
	Phases int // of each fold's training
	// Tests says that folds take turns as test set, not as validation set: see Case.Turns.
	Tests bool
}

// once is the split of which each case is in one fold.
func (f Fold) once() Split {
	if f.Tests {
		return Test
	}
	return Validation
}

// FoldTag is the tag of predictions that says which fold made them. Tables have
// columns named fold, and those may be tags.
const FoldTag = "cross_validation_fold"

// FoldName names what belongs to one fold: "validation fold 2".
func FoldName(of string, fold int) string { return of + " fold " + strconv.Itoa(fold) }

// ParseFoldName undoes FoldName; ok is false for what belongs to no fold.
func ParseFoldName(name string) (of string, fold int, ok bool) {
	at := strings.LastIndex(name, " fold ")
	if at < 0 {
		return name, 0, false
	}
	fold, err := strconv.Atoi(name[at+len(" fold "):])
	if err != nil || fold < 1 {
		return name, 0, false
	}
	return name[:at], fold, true
}

// InFold gives the world in which a fold is trained. The seed is a function of
// the experiment's seed and of the fold, so a fold gives the same numbers whether
// the others run beside it or not. Of several folds each has a folder of its own,
// and what it records carries its name: see Fold.Name.
func (e Env) InFold(f Fold) Env {
	if f.Number > 0 {
		e.Seed, e.Fold = Hash(e.Seed, "fold", f.Number), f.Number
	}
	if f.Of > 1 {
		if e.RunDir != "" {
			e.RunDir = filepath.Join(e.RunDir, "fold-"+strconv.Itoa(f.Number))
		}
		e.Recorder = foldRecorder{e.Recorder, f}
		e.BetweenEpochs = nil // the epochs of one fold say nothing of the others
	}
	return e
}

// foldRecorder gives everything that a fold tells the fold's name.
type foldRecorder struct {
	to   Recorder
	fold Fold
}

func (r foldRecorder) Record(ctx context.Context, records ...Record) error {
	named := make([]Record, len(records))
	for i, record := range records {
		named[i] = r.fold.Name(record)
	}
	return r.to.Record(ctx, named...)
}

func (r foldRecorder) Progress(p Progress) {
	p.Label = fmt.Sprintf("fold %d of %d, %s", r.fold.Number, r.fold.Of, p.Label)
	r.to.Progress(p)
}

// Name gives a record the fold's name, so that those of two folds stay apart. The
// predictions of the split that folds take turns as, which one fold alone makes, only get a tag.
func (f Fold) Name(record Record) Record {
	switch v := record.(type) {
	case Scalar:
		v.Series = FoldName(v.Series, f.Number)
		return v
	case Prediction:
		return f.Prediction(v)
	case PhaseRecord:
		v.Name, v.Index = FoldName(v.Name, f.Number), (f.Number-1)*f.Phases+v.Index
		return v
	case Event:
		v.Text = fmt.Sprintf("fold %d: %s", f.Number, v.Text)
		return v
	}
	return f.nameFigure(record)
}

func (f Fold) nameFigure(record Record) Record {
	name := func(name, title *string) {
		*name, *title = FoldName(*name, f.Number), fmt.Sprintf("%s, fold %d", *title, f.Number)
	}
	switch v := record.(type) {
	case Curve:
		name(&v.Name, &v.Title)
		return v
	case Matrix:
		name(&v.Name, &v.Title)
		return v
	case Table:
		name(&v.Name, &v.Title)
		return v
	case Bars:
		name(&v.Name, &v.Title)
		return v
	case Scatter:
		name(&v.Name, &v.Title)
		return v
	case Gallery:
		name(&v.Name, &v.Title)
		return v
	}
	return record // an artefact has its path, a fact holds for the run
}

// Prediction marks a prediction as made by the fold.
func (f Fold) Prediction(p Prediction) Prediction {
	if f.Of <= 1 {
		return p
	}
	tags := maps.Clone(p.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	tags[FoldTag] = strconv.Itoa(f.Number)
	p.Tags = tags
	if p.Split != f.once() {
		p.Split = Split(FoldName(string(p.Split), f.Number))
	}
	return p
}

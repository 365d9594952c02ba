package explain

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/model"
	"vertebra/stages/outliers"
	"vertebra/stages/stage"
)

// TestOutliers: what is stored gives the validation images the distances that are stored, and
// pictures show the furthest first.
func TestOutliers(t *testing.T) {
	t.Parallel()
	x, env, seen := newSubject(t)
	env.RunDir, seen.records = t.TempDir(), nil
	if err := x.Outliers(t.Context(), env, Familiarity{Samples: 20, Axes: 3}); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(env.RunDir, OutliersFile))
	if err != nil {
		t.Fatal(err)
	}
	d, err := outliers.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	var again []float32
	if err := x.features(t.Context(), x.ofSplit(stage.Validation), func(_ item, features_F []float32) error {
		again = append(again, float32(d.Distance(features_F)))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(again)
	if len(again) == 0 || !slices.Equal(again, d.Distances) || len(d.Axes) > 3 {
		t.Errorf("%d axes, distances %v, want %v", len(d.Axes), d.Distances, again)
	}
	var galleries, files int
	for _, r := range seen.records {
		switch v := r.(type) {
		case stage.Gallery:
			if galleries++; !strings.HasPrefix(v.Title, "Least like the training images, validation: furthest out first, outlier_p ") || len(v.Pictures) != min(listed, len(again)) {
				t.Errorf("%s: %d pictures", v.Title, len(v.Pictures))
			}
		case stage.Artefact:
			if files++; v.Kind != "outliers" || v.Bytes != int64(len(data)) || filepath.Base(v.Path) != OutliersFile {
				t.Errorf("%+v", v)
			}
		case stage.Curve:
			for _, l := range v.Lines {
				if last := l.Y[len(l.Y)-1]; last != 1 || !slices.IsSorted(l.X) || !slices.IsSorted(l.Y) {
					t.Errorf("%s: up to %g, sorted %v", l.Label, last, slices.IsSorted(l.X))
				}
			}
		default:
			t.Errorf("%T: %+v", r, r)
		}
	}
	if galleries != 1 || files != 1 {
		t.Errorf("%d galleries, %d files", galleries, files)
	}
}

// TestOutliersOfFolds: each net learns for itself, and the run outlives one whose weights are gone.
func TestOutliersOfFolds(t *testing.T) {
	t.Parallel()
	x, env, seen := newSubject(t)
	var asked []int
	x.LoadFold = func(_ context.Context, fold int) (*model.Net, error) {
		if asked = append(asked, fold); fold == 3 {
			return nil, errors.New("no such file")
		}
		return x.Net, nil
	}
	for _, fold := range []int{2, 3} {
		env.RunDir, seen.records = t.TempDir(), nil
		if err := x.Outliers(t.Context(), env, Familiarity{Samples: 20, Axes: 3, Fold: fold}); err != nil {
			t.Fatal(err)
		}
	}
	if e, is := seen.records[0].(stage.Event); !slices.Equal(asked, []int{2, 3}) || !is || !strings.Contains(e.Text, "predictions will have no outlier_p: no such file") {
		t.Errorf("asked %v: %+v", asked, seen.records)
	}
}

// TestOutliersOfFewValidation: whoever has too few validation images learns why nothing is rare.
func TestOutliersOfFewValidation(t *testing.T) {
	t.Parallel()
	x, env, seen := newSubject(t)
	env.RunDir, seen.records = t.TempDir(), nil
	kept := 0
	for i, c := range x.Images.Cases {
		if c.Split == stage.Validation {
			if kept++; kept > 18 {
				x.Images.Cases[i].Split = stage.Train
			}
		}
	}
	if err := x.Outliers(t.Context(), env, Familiarity{Samples: 20, Axes: 3}); err != nil {
		t.Fatal(err)
	}
	if want := min(kept, 18); !slices.ContainsFunc(seen.records, func(r stage.Record) bool {
		e, is := r.(stage.Event)
		return is && e.Level == "warning" && e.Text == fmt.Sprintf("%d validation images are too few to tell others from them: outlier_p is never below %.2g", want, 1/float64(want+1))
	}) {
		t.Errorf("%d of %d: %+v", want, kept, seen.records)
	}
}

// TestOutliersOfNoValidation: the run goes on, and says what predictions will lack.
func TestOutliersOfNoValidation(t *testing.T) {
	t.Parallel()
	x, env, seen := newSubject(t)
	env.RunDir, seen.records = t.TempDir(), nil
	for i := range x.Images.Cases {
		x.Images.Cases[i].Split = stage.Train
	}
	if err := x.Outliers(t.Context(), env, Familiarity{Samples: 20, Axes: 3}); err != nil {
		t.Fatal(err)
	}
	if e, is := seen.records[0].(stage.Event); !is || len(seen.records) != 1 || e.Level != "error" || !strings.Contains(e.Text, "predictions will have no outlier_p: no image of validation says how far is far") {
		t.Errorf("%+v", seen.records)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := x.Outliers(ctx, env, Familiarity{Samples: 20, Axes: 3}); err == nil {
		t.Error("a stopped run went on")
	}
}

package audit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	Sources.Add("rsna", "RSNA 2024 lumbar spine collection, or a data set of the same layout", RSNA{Part: "train"},
		"rsna: {root: ../data/rsna, levels: [l4_l5, l5_s1]}")
}

// RSNA reads train.csv, train_label_coordinates.csv and
// train_series_descriptions.csv, and joins them by study, condition and level. Of part test
// there are the series alone: see rsna_unlabelled.go.
type RSNA struct {
	Root        registry.Path `help:"folder that holds train.csv and train_images" required:"true"`
	Part        string        `help:"train, or test: the studies of test_series_descriptions.csv and test_images, which have no labels; runner predict alone reads those" oneof:"train test"`
	Coordinates registry.Path `help:"file of labelled points in place of train_label_coordinates.csv, with its columns, such as one that was mended; of part test, points that another program found"`
	Conditions  []string      `help:"only these, such as spinal_canal_stenosis; all when empty"`
	Levels      []string      `help:"only these, such as l4_l5; all when empty"`
	SeriesTypes []string      `help:"only points on series of these types, such as Sagittal T1; all when empty"`

	found []byte // points in place of those of any file: see Config.WithPoints
}

var (
	rsnaClasses    = []string{"normal_mild", "moderate", "severe"}
	rsnaConditions = []string{
		"spinal_canal_stenosis", "left_neural_foraminal_narrowing", "right_neural_foraminal_narrowing",
		"left_subarticular_stenosis", "right_subarticular_stenosis",
	}
	rsnaLevels = []string{"l1_l2", "l2_l3", "l3_l4", "l4_l5", "l5_s1"}
	rsnaTypes  = []string{"Sagittal T1", "Sagittal T2/STIR", "Axial T2"}
)

// Validate knows the legal words.
func (r RSNA) Validate() error {
	for _, c := range []struct {
		what         string
		given, legal []string
	}{{"condition", r.Conditions, rsnaConditions}, {"level", r.Levels, rsnaLevels}, {"series type", r.SeriesTypes, rsnaTypes}} {
		for _, word := range c.given {
			if !slices.Contains(c.legal, word) {
				return fmt.Errorf("there is no %s %q; have %s", c.what, word, strings.Join(c.legal, ", "))
			}
		}
	}
	return nil
}

// wanted says whether the settings choose a row.
func (r RSNA) wanted(condition, level string) bool {
	return (len(r.Conditions) == 0 || slices.Contains(r.Conditions, condition)) &&
		(len(r.Levels) == 0 || slices.Contains(r.Levels, level))
}

func (r RSNA) path(name string) string { return filepath.Join(string(r.Root), name) }

// Read joins the tables.
func (r RSNA) Read(ctx context.Context, request *Request) (Found, error) {
	if _, err := os.Stat(string(r.Root)); err != nil {
		return Found{}, stage.Wrong{Path: "data.source.rsna.root", Err: stage.Fault{
			Err:  files.NotThere(string(r.Root), err),
			Hint: "set it to the folder that holds train.csv, or make a synthetic one: runner data synth " + string(r.Root),
		}}
	}
	j := newJoin(r, request, func(path string) ([]byte, error) {
		if r.found != nil && path == r.points() {
			return r.found, nil
		}
		return os.ReadFile(path)
	})
	if r.unlabelled() {
		return j.readUnlabelled(ctx)
	}
	return j.read(ctx)
}

// points is where the labelled points are; "" of a part that has none.
func (r RSNA) points() string {
	switch {
	case r.found != nil:
		return "found points"
	case r.Coordinates != "":
		return string(r.Coordinates)
	case r.unlabelled():
		return ""
	}
	return r.path("train_label_coordinates.csv")
}

// images is the folder of the part's studies.
func (r RSNA) images() string {
	if r.unlabelled() {
		return r.path("test_images")
	}
	return r.path("train_images")
}

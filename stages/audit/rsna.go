package audit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func init() {
	Sources.Add("rsna", "RSNA 2024 lumbar spine collection, or a data set of the same layout", RSNA{},
		"rsna: {root: ../data/rsna, levels: [l4_l5, l5_s1]}")
}

// RSNA reads train.csv, train_label_coordinates.csv and
// train_series_descriptions.csv, and joins them by study, condition and level.
type RSNA struct {
	Root        registry.Path `help:"folder that holds train.csv and train_images" required:"true"`
	Conditions  []string      `help:"only these, such as spinal_canal_stenosis; all when empty"`
	Levels      []string      `help:"only these, such as l4_l5; all when empty"`
	SeriesTypes []string      `help:"only points on series of these types, such as Sagittal T1; all when empty"`
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
			Err:  notThere(string(r.Root), err),
			Hint: "set it to the folder that holds train.csv, or make a synthetic one: runner data synth " + string(r.Root),
		}}
	}
	return newJoin(r, request, os.ReadFile).read(ctx)
}

package audit

import (
	"bytes"
	"encoding/csv"
	"path/filepath"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// Unpointed is the section for whoever looks for points: it asks for none, and each case is of a
// series that shows what it is about.
func (cfg Config) Unpointed() Config {
	cfg.unpointed, cfg.Sample, cfg.Label, cfg.Views = true, Default.Sample, Default.Label, nil
	return cfg
}

// Pointed says whether points of the cases are read from a table of their own, and it has some.
func (cfg Config) Pointed() bool {
	r, ok := cfg.Source.Part.(RSNA)
	return ok && r.points() != ""
}

// FoundPoint is a place that a net found for a case.
type FoundPoint struct {
	Case   stage.Case
	Series string // key
	Image  string
	Point  stage.Point
	Chance float64
}

// WithPoints is the section with points that were found in place of those that its source tells;
// false where these are not in a table of their own.
func (cfg Config) WithPoints(found []FoundPoint) (Config, bool) {
	r, ok := cfg.Source.Part.(RSNA)
	if !ok {
		return cfg, false
	}
	r.found = PointTable(found)
	cfg.Source.Part = r
	return cfg, true
}

// PointTable is a CSV file with the columns of train_label_coordinates.csv, and the chance that
// each point has.
func PointTable(found []FoundPoint) []byte {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(append(append([]string{}, pointColumns...), "chance")) // a buffer takes everything
	for _, f := range found {
		study, series, _ := strings.Cut(f.Series, "/")
		stem := strings.TrimSuffix(filepath.Base(f.Image), filepath.Ext(f.Image))
		_ = w.Write([]string{study, series, stem, f.Case.Tags["condition"], f.Case.Tags["level"], thousandths(f.Point.X), thousandths(f.Point.Y), strconv.FormatFloat(f.Chance, 'g', 4, 64)})
	}
	w.Flush()
	return out.Bytes()
}

func thousandths(v float64) string { return strconv.FormatFloat(v, 'f', 3, 64) }

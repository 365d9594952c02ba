package synth

import (
	"cmp"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

var severities = [3]string{"Normal/Mild", "Moderate", "Severe"}

// key is the spelling of train.csv's columns.
func key(s string) string {
	return strings.NewReplacer(" ", "_", "/", "_").Replace(strings.ToLower(s))
}

func (w row) column() string { return key(conditions[w.condition]) + "_" + key(levels[w.level]) }

// rowID is the metric's name of a row.
func (s *study) rowID(w row) string { return s.name() + "_" + w.column() }

// writeTables stores the CSV files, studies in numeric order. Where no studies of the part
// test were asked for, its tables name the first study of train, as examples of their layout.
func writeTables(dir string, studies, unlabelled []*study) error {
	studies, unlabelled = byID(studies), byID(unlabelled)
	tables := map[string][][]string{
		"train.csv":                     labelTable(studies),
		"train_label_coordinates.csv":   pointTable(studies),
		"train_series_descriptions.csv": seriesTable(studies),
		"test_series_descriptions.csv":  seriesTable(studies[:1]),
		"sample_submission.csv":         submissionTable(studies[:1]),
	}
	if len(unlabelled) > 0 {
		tables["test_series_descriptions.csv"] = seriesTable(unlabelled)
		tables["sample_submission.csv"] = submissionTable(unlabelled)
		tables["test_label_coordinates.csv"] = pointTable(unlabelled)
		tables["test_solution.csv"] = solutionTable(unlabelled)
	}
	for name, rows := range tables {
		if err := writeCSV(filepath.Join(dir, name), rows); err != nil {
			return err
		}
	}
	return nil
}

func byID(studies []*study) []*study {
	return slices.SortedFunc(slices.Values(studies), func(a, b *study) int { return cmp.Compare(a.id, b.id) })
}

func labelTable(studies []*study) [][]string {
	head := []string{"study_id"}
	for c := range conditions {
		for l := range levels {
			head = append(head, row{c, l}.column())
		}
	}
	out := [][]string{head}
	for _, s := range studies {
		cells := []string{s.name()}
		for c := range conditions {
			for l := range levels {
				cell := ""
				if label, ok := s.labels[row{c, l}]; ok {
					cell = severities[label]
				}
				if other, spoiled := s.cells[row{c, l}]; spoiled {
					cell = other
				}
				cells = append(cells, cell)
			}
		}
		out = append(out, cells)
	}
	return out
}

func pointTable(studies []*study) [][]string {
	out := [][]string{{"study_id", "series_id", "instance_number", "condition", "level", "x", "y"}}
	for _, s := range studies {
		points := slices.SortedStableFunc(slices.Values(s.points), func(a, b point) int {
			return cmp.Or(cmp.Compare(a.row.condition, b.row.condition), cmp.Compare(a.row.level, b.row.level))
		})
		for _, p := range points {
			x, y := p.pixel()
			out = append(out, []string{
				s.name(), strconv.Itoa(p.series.id), strconv.Itoa(p.slice.instance), conditions[p.row.condition], levels[p.row.level],
				strconv.FormatFloat(x, 'f', 6, 64), strconv.FormatFloat(y, 'f', 6, 64),
			})
		}
	}
	return out
}

func seriesTable(studies []*study) [][]string {
	out := [][]string{{"study_id", "series_id", "series_description"}}
	for _, s := range studies {
		for _, se := range s.series {
			out = append(out, []string{s.name(), strconv.Itoa(se.id), se.kind.String()})
		}
	}
	return out
}

// submissionTable has the studies' rows in alphabetical order, with a third for
// each class.
func submissionTable(studies []*study) [][]string {
	const third = "0.3333333333333333"
	return rowTable(studies, nil, func(*study, row) []string { return []string{third, third, third} })
}

// solutionTable is what the competition's metric compares a submission with: 1 at the true
// class, and the row's weight. A row without label weighs nothing.
func solutionTable(studies []*study) [][]string {
	return rowTable(studies, []string{"sample_weight"}, func(s *study, w row) []string {
		cells := []string{"0", "0", "0", "0"}
		if label, ok := s.labels[w]; ok {
			cells[label], cells[3] = "1", [...]string{"1", "2", "4"}[label]
		}
		return cells
	})
}

// rowTable has a line for each condition and level, in the order of their names.
func rowTable(studies []*study, more []string, cells func(*study, row) []string) [][]string {
	out := [][]string{append([]string{"row_id", "normal_mild", "moderate", "severe"}, more...)}
	for _, s := range studies {
		for c := range conditions {
			for l := range levels {
				w := row{c, l}
				out = append(out, append([]string{s.rowID(w)}, cells(s, w)...))
			}
		}
	}
	slices.SortFunc(out[1:], func(a, b []string) int { return cmp.Compare(a[0], b[0]) })
	return out
}

func writeCSV(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := csv.NewWriter(f).WriteAll(rows); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

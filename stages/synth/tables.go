package synth

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
)

var severities = [3]string{"Normal/Mild", "Moderate", "Severe"}

// key is the spelling of train.csv's columns.
func key(s string) string {
	return strings.NewReplacer(" ", "_", "/", "_").Replace(strings.ToLower(s))
}

func (w row) column() string { return key(conditions[w.condition]) + "_" + key(levels[w.level]) }

// id is the row id of the metric.
func (s *study) rowID(w row) string { return s.name() + "_" + w.column() }

// writeTables stores the four CSV files, studies in numeric order.
func writeTables(dir string, studies []*study) error {
	sort.Slice(studies, func(i, j int) bool { return studies[i].id < studies[j].id })
	labels := [][]string{{"study_id"}}
	for c := range conditions {
		for l := range levels {
			labels[0] = append(labels[0], row{c, l}.column())
		}
	}
	points := [][]string{{"study_id", "series_id", "instance_number", "condition", "level", "x", "y"}}
	series := [][]string{{"study_id", "series_id", "series_description"}}
	submission := [][]string{{"row_id", "normal_mild", "moderate", "severe"}}
	for _, s := range studies {
		labels = append(labels, s.labelRow())
		for _, p := range s.points {
			points = append(points, []string{
				s.name(), strconv.Itoa(p.series), strconv.Itoa(p.instance), conditions[p.row.condition], levels[p.row.level],
				strconv.FormatFloat(p.x, 'f', 6, 64), strconv.FormatFloat(p.y, 'f', 6, 64),
			})
		}
		for _, se := range s.series {
			series = append(series, []string{s.name(), strconv.Itoa(se.id), se.kind})
		}
	}
	third := "0.3333333333333333"
	for w := range studies[0].labels {
		submission = append(submission, []string{studies[0].rowID(w), third, third, third})
	}
	sort.Slice(submission[1:], func(i, j int) bool { return submission[i+1][0] < submission[j+1][0] })
	for name, rows := range map[string][][]string{
		"train.csv": labels, "train_label_coordinates.csv": points,
		"train_series_descriptions.csv": series, "sample_submission.csv": submission,
	} {
		if err := writeCSV(filepath.Join(dir, name), rows); err != nil {
			return err
		}
	}
	return nil
}

func (s *study) labelRow() []string {
	out := []string{s.name()}
	for c := range conditions {
		for l := range levels {
			cell := ""
			if label := s.labels[row{c, l}]; label >= 0 {
				cell = severities[label]
			}
			out = append(out, cell)
		}
	}
	return out
}

func writeCSV(path string, rows [][]string) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(f)
	if err := w.WriteAll(rows); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

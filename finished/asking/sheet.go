package asking

import (
	"bytes"
	"encoding/csv"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Columns of the tables that questions become: no table of a run has such.
const (
	imageColumn  = "asked image"
	seriesColumn = "asked series"
	groupColumn  = "asked group"
	xColumn      = "asked x"
	yColumn      = "asked y"
	viewColumn   = "asked view"
)

// sheet is a question as a table.
type sheet struct {
	wants Wants
	q     arranged
	own   audit.Table // of the run
	tags  map[string]string
}

// columns say what the columns of the table are.
func (s sheet) columns() audit.Table {
	t := audit.Table{Image: imageColumn, Group: groupColumn, Series: seriesColumn, X: xColumn, Y: yColumn}
	switch {
	case len(s.wants.Views) > 0 && len(s.own.Images) > 0:
		t.Images = map[string]audit.Pictured{}
		for _, view := range s.wants.Views {
			t.Images[view.Name] = audit.Pictured{imageColumn: ofView(view, imageColumn)}
			if s.wants.Point != "" {
				t.Images[view.Name][xColumn], t.Images[view.Name][yColumn] = ofView(view, xColumn), ofView(view, yColumn)
			}
		}
	case len(s.wants.Views) > 0:
		t.View = viewColumn
	}
	return t
}

// ofView is the column of one of the images of a row.
func ofView(view View, column string) string { return column + " " + view.Name }

// csv writes the table.
func (s sheet) csv() []byte {
	rows := s.rows()
	var head []string
	for _, row := range rows {
		head = append(head, slices.Collect(maps.Keys(row))...)
	}
	head = append(head, slices.Collect(maps.Keys(s.tags))...)
	slices.Sort(head)
	if head = slices.Compact(head); len(head) == len(s.own.Columns) {
		head = append(head, "asked") // a table of as many columns as the run's might be one without a first line
	}
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	_ = w.Write(head) // a buffer takes everything
	for _, row := range rows {
		line := make([]string, len(head))
		for i, column := range head {
			if line[i] = s.tags[column]; row[column] != "" {
				line[i] = row[column]
			}
		}
		_ = w.Write(line)
	}
	w.Flush()
	return out.Bytes()
}

// rows are what is asked about, by column.
func (s sheet) rows() (out []map[string]string) {
	switch {
	case len(s.wants.Views) > 0 && len(s.own.Images) > 0:
		return []map[string]string{s.rowOfViews()}
	case len(s.wants.Views) > 0:
		for _, view := range s.wants.Views {
			if file := s.q.Views[view.Name]; file != "" {
				out = append(out, s.at(file, map[string]string{imageColumn: file, groupColumn: "sample", viewColumn: view.Name}))
			}
		}
		return out
	case len(s.q.Points) > 0:
		return s.pointed()
	case s.wants.Sample == "image":
		for _, file := range s.q.Files {
			out = append(out, map[string]string{imageColumn: file})
		}
		return out
	}
	return s.series()
}

// rowOfViews is one row with all views.
func (s sheet) rowOfViews() map[string]string {
	row := map[string]string{}
	for _, view := range s.wants.Views {
		file := s.q.Views[view.Name]
		row[ofView(view, imageColumn)] = file
		if s.wants.Point == "" {
			continue
		}
		its := s.at(file, map[string]string{})
		row[ofView(view, xColumn)], row[ofView(view, yColumn)] = its[xColumn], its[yColumn]
	}
	return row
}

// pointed are rows of the images that points are told of.
func (s sheet) pointed() (out []map[string]string) {
	for _, image := range slices.SortedFunc(maps.Keys(s.q.Points), stage.CompareNames) {
		out = append(out, s.at(image, map[string]string{imageColumn: s.q.now(image)}))
	}
	return out
}

// at adds the point of an image to a row.
func (s sheet) at(image string, row map[string]string) map[string]string {
	if p, told := s.q.Points[image]; told {
		row[xColumn], row[yColumn] = strconv.FormatFloat(p.X, 'g', -1, 64), strconv.FormatFloat(p.Y, 'g', -1, 64)
	}
	return row
}

// series are rows of folders, and of files that are volumes by themselves.
func (s sheet) series() (out []map[string]string) {
	seen := map[string]bool{}
	for _, file := range s.q.Files {
		name := file
		if folder := path.Dir(file); folder != "." && !alone(file) {
			name = folder
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		row := map[string]string{imageColumn: name}
		if s.wants.Sample == "study" {
			row[groupColumn], _, _ = strings.Cut(file, "/")
		}
		if sample := s.sample(); sample == "series" || sample == "study" {
			row[seriesColumn] = name
		}
		out = append(out, row)
	}
	return out
}

// sample is what the run calls its samples, whose images may be folders all the same.
func (s sheet) sample() string {
	if s.wants.Sample == "image" {
		return "point"
	}
	return s.wants.Sample
}

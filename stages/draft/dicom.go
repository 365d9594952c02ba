package draft

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/index"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// countsOfFile are columns that tell nothing of a patient, and idsOfFile those that name one,
// an exam or a file: no labels, and no tags. Both go by the keywords of DICOM, as the table of
// runner data dicom has them.
var (
	countsOfFile = regexp.MustCompile(`(?i)^((instance|acquisition|series|frame)[ _]?number|number[ _]?of[ _]?frames|rows|columns|unnamed: [0-9]+)$|^((patient|accession|study|series|sop)[ _]?(instance[ _]?)?(id|uid|number)|path)$`)
	saidOfFile   = regexp.MustCompile(`(?i)^(modality|(series|study)[ _]?description|manufacturer|body[ _]?part([ _]?examined)?|suffix|datatype|session_id)$`)
	modalityName = regexp.MustCompile(`(?i)^modality$`)
)

// ofFile says whether a column is of a file rather than of what an image shows.
func ofFile(column string) bool {
	return countsOfFile.MatchString(column) || saidOfFile.MatchString(column)
}

// noPictures are modalities that images are of which no scanner took: documents, reports,
// marks, and pictures of a screen, in which what a reader found may be written.
var noPictures = []string{"OT", "SC", "SR", "PR", "KO", "DOC", "SEG", "REG", "AU", "PLAN"}

// fraction is a number that is not whole, with a point or a comma.
var fraction = regexp.MustCompile(`^-?[0-9]*[.,][0-9]*[1-9][0-9]*$`)

// measures says whether a column holds measurements, such as sizes: numbers that are not whole.
func measures(t table.Sheet, column string) bool {
	return slices.ContainsFunc(t.Rows, func(r table.Row) bool { return fraction.MatchString(r.Cell(column)) }) &&
		!slices.ContainsFunc(t.Rows, func(r table.Row) bool {
			cell := strings.Replace(r.Cell(column), ",", ".", 1)
			return cell != "" && !table.IsNumber(cell) && !slices.Contains(missingWords(), cell)
		})
}

// numbers is the last column that holds many different numbers, and is no name of anything; ""
// where there is none.
func numbers(t table.Sheet) string {
	for _, column := range slices.Backward(t.Columns) {
		values := map[string]bool{}
		word := slices.ContainsFunc(t.Rows, func(r table.Row) bool {
			cell := r.Cell(column)
			values[cell] = true
			return cell != "" && !table.IsNumber(strings.Replace(cell, ",", ".", 1)) && !slices.Contains(missingWords(), cell)
		})
		if !word && len(values) > naming.MostClasses && !ofFile(column) {
			return column
		}
	}
	return ""
}

// photographed leaves out what no scanner took, where other images of the table were, and of a
// table of BIDS all but the commonest kind of image, such as T1w.
func (t *tableDraft) photographed(rows table.Sheet) {
	if rows.Has("suffix") && rows.Has("participant_id") {
		if kinds := rows.Counts("suffix"); len(kinds) > 1 {
			most := slices.MaxFunc(slices.Sorted(maps.Keys(kinds)), func(a, b string) int { return kinds[a] - kinds[b] })
			t.Only = map[string][]string{"suffix": {most}}
		}
	}
	at := slices.IndexFunc(rows.Columns, modalityName.MatchString)
	if at < 0 {
		return
	}
	taken, others := map[string]bool{}, false
	for _, r := range rows.Rows {
		cell := r.Cell(rows.Columns[at])
		if slices.Contains(noPictures, strings.ToUpper(cell)) {
			others = true
		} else if cell != "" {
			taken[cell] = true
		}
	}
	if others && len(taken) > 0 {
		t.Only = map[string][]string{rows.Columns[at]: slices.Sorted(maps.Keys(taken))}
	}
}

// noLabels is the error of a table none of whose columns can be labels.
func noLabels(file registry.Path, rows table.Sheet) error {
	hint := fmt.Sprintf("labels have 2 to %d different values", naming.MostClasses)
	if column := numbers(rows); column != "" {
		hint += fmt.Sprintf("; numbers such as those of %s become classes where cut names bounds (cut: {%[1]s: [10, 20]})", column)
	}
	if !slices.ContainsFunc(rows.Columns, func(name string) bool { return !ofFile(name) && !slices.Contains(index.Columns, name) }) {
		hint = "it says only what the files are: put a table of labels beside it, with one of its columns PatientID, AccessionNumber, StudyInstanceUID or SeriesInstanceUID, written in the same way; it is joined then"
	}
	return stage.Fault{Err: errors.New("no column of " + string(file) + " can be labels; it has " + strings.Join(rows.Columns, ", ")), Hint: hint}
}

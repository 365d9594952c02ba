package train

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// softReader reads a file of soft labels.
type softReader struct {
	SoftLabels
	name  string // of the file, in messages
	asked stage.Questions
	cases map[string]stage.Case // of training
	test  map[string]bool       // cases
	out   Softened

	rows        *csv.Reader
	comma       bool // is a decimal point, in files of semicolons
	id, label   int  // columns; label, split and fold -1 for none
	split, fold int
	places      []int // the columns of the classes
	lines       map[string]int
	count       int    // of wrong rows
	first       string // what is wrong with the first
}

// Columns of a file of soft labels besides the classes, as runner predict writes them.
const softID, softLabel = "case_id", "label"

// Columns of what a cross-validation predicted, as runner export predictions writes them.
const softSplit, softFold = "split", "fold"

func (r *softReader) read(from io.Reader) error {
	if err := r.begin(bufio.NewReader(from)); err != nil {
		return err
	}
	for {
		cells, err := r.rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return r.broken(err)
		}
		line, _ := r.rows.FieldPos(0)
		r.row(cells, line)
	}
	if r.count == 0 {
		return nil
	}
	more := ""
	if r.count > 1 {
		more = fmt.Sprintf(" (%d rows are wrong)", r.count)
	}
	return stage.Fault{Err: errors.New(r.first + more), Hint: "each row wants one number for each class, 0 or more, and one above 0; leave out cases of which nothing is known"}
}

// begin reads the header. A byte order mark does no harm; columns may be parted by tabs, or
// by semicolons as spreadsheets do where a comma is the decimal point.
func (r *softReader) begin(from *bufio.Reader) error {
	if mark, _ := from.Peek(3); bytes.Equal(mark, []byte("\xef\xbb\xbf")) {
		_, _ = from.Discard(3)
	}
	head, _ := from.Peek(4096)
	head, _, _ = bytes.Cut(head, []byte("\n"))
	r.rows = csv.NewReader(from)
	for _, separator := range ";\t" {
		if !bytes.ContainsRune(head, ',') && bytes.ContainsRune(head, separator) {
			r.rows.Comma, r.comma = separator, separator == ';'
		}
	}
	columns, err := r.rows.Read()
	if errors.Is(err, io.EOF) {
		return stage.Fault{Err: fmt.Errorf("%s is empty", r.name), Hint: "it wants the columns " + softID + ", " + strings.Join(r.asked.Classes, ", ")}
	}
	if err != nil {
		return r.broken(err)
	}
	for i := range columns {
		columns[i] = strings.TrimSpace(columns[i])
	}
	r.rows.ReuseRecord = true
	return r.find(columns)
}

// find finds the columns. Where a class is called label, its column stands first.
func (r *softReader) find(columns []string) error {
	var missing []string
	others := slices.Clone(columns)
	at := func(name string) int {
		i := slices.Index(columns, name)
		if i < 0 {
			missing = append(missing, name)
		}
		others = slices.DeleteFunc(others, func(other string) bool { return other == name })
		return i
	}
	r.id, r.places = at(softID), nil
	for _, class := range r.asked.Classes {
		r.places = append(r.places, at(class))
	}
	for _, at := range r.places {
		if at >= 0 {
			columns[at] = "" // also where a class is called label
		}
	}
	r.label, r.split, r.fold = slices.Index(columns, softLabel), slices.Index(columns, softSplit), slices.Index(columns, softFold)
	if missing == nil {
		return nil
	}
	words := "no column " + missing[0]
	if len(missing) > 1 {
		words = "none of the columns " + strings.Join(missing, ", ")
	}
	return stage.Fault{Err: fmt.Errorf("%s has %s; there must be %s and one for each class", r.name, words, softID), Hint: registry.Suggest(missing[0], others)}
}

// row takes what a line says of a case. Also lines of other cases must be right.
func (r *softReader) row(cells []string, line int) {
	id := strings.TrimSpace(cells[r.id])
	if r.out.first == "" {
		r.out.first = strings.Clone(id)
	}
	p, err := r.distribution(cells)
	one, wanted := r.cases[id]
	if err == nil && wanted {
		err = r.among(one.Target, p)
	}
	if before := r.lines[id]; err == nil && before > 0 {
		err = fmt.Errorf("line %d names it too", before)
	}
	if err != nil {
		if r.count++; r.count == 1 {
			r.first = fmt.Sprintf("%s, line %d, case %s: %v", r.name, line, id, err)
		}
		return
	}
	if r.test[id] && r.split >= 0 && r.fold >= 0 && cells[r.fold] != "" { // also where folds test in turn
		r.out.Taught++
	}
	if !wanted {
		return
	}
	id = strings.Clone(id) // the cells are those of the next line soon
	r.lines[id], r.out.shares[id] = line, r.softened(one.Label, p)
	r.weigh(one.Label, p)
	if r.label < 0 {
		return
	}
	if said := strings.TrimSpace(cells[r.label]); said != "" {
		r.out.Labelled++
		if said != r.asked.Classes[one.Label] {
			if r.out.Other++; r.out.Other == 1 {
				r.out.Example = fmt.Sprintf("%s: %s there, %s here", id, said, r.asked.Classes[one.Label])
			}
		}
	}
}

// weigh adds what a row gives to each class.
func (r *softReader) weigh(label int, p []float64) {
	if r.out.Said == nil {
		r.out.Said, r.out.Own = make([]float64, len(p)), make([]float64, len(p))
	}
	largest, sum := slices.Max(p), 0.0
	for _, v := range p {
		sum += v / largest
	}
	for k, v := range p {
		r.out.Said[k] += v / largest / sum
	}
	r.out.Own[label]++
}

// distribution gives what a row says of the classes: numbers, of which one is above 0.
func (r *softReader) distribution(cells []string) ([]float64, error) {
	out, largest := make([]float64, len(r.places)), 0.0
	for k, at := range r.places {
		text := strings.TrimSpace(cells[at])
		if r.comma {
			text = strings.Replace(text, ",", ".", 1)
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
			return nil, fmt.Errorf("%s is %q, want a number of 0 or more", r.asked.Classes[k], cells[at])
		}
		out[k], largest = v, max(largest, v)
	}
	if largest == 0 {
		return nil, errors.New("all classes are 0")
	}
	return out, nil
}

// among wants nothing to be said for a class that is none of the target's, but for what
// rounding leaves.
func (r *softReader) among(target int, p []float64) error {
	sum := 0.0
	for _, v := range p {
		sum += v
	}
	for k := range p {
		if r.asked.Has(target, k) {
			continue
		}
		if p[k] > 1e-6*sum {
			return fmt.Errorf("%s is %.4g, and is no class of %s", r.asked.Classes[k], p[k], r.asked.Targets[target])
		}
		p[k] = 0
	}
	return nil
}

// broken says where a line is no CSV.
func (r *softReader) broken(err error) error {
	if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
		return stage.Fault{Err: fmt.Errorf("%s, line %d: %w", r.name, parse.Line, parse.Err), Hint: "each line wants as many cells as the first; texts with commas stand in quotes"}
	}
	return fmt.Errorf("%s: %w", r.name, err)
}

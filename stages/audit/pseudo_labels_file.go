package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// pseudoFile is what a file says of images, by case: shares of the classes, whose sum is 1.
type pseudoFile struct {
	shares map[string][]float32
	paths  map[string]string // cases by their ids as absolute paths
	first  string            // case that the file names
}

// of finds a case by its id; an image also by its path, however that is written.
func (f pseudoFile) of(id string) (shares []float32, named bool) {
	if shares, named = f.shares[id]; !named {
		shares, named = f.shares[f.paths[files.Absolute(id)]]
	}
	return shares, named
}

// read reads the file. Each row wants a number of 0 or more for each class.
func (p PseudoLabels) read(asked stage.Questions) (f pseudoFile, err error) {
	name := filepath.Base(string(p.File))
	data, err := os.ReadFile(string(p.File))
	if err != nil {
		return f, stage.Fault{Err: files.NotThere(string(p.File), err), Hint: "runner predict RUN IMAGES -o FILE writes such a file"}
	}
	t, err := table.Parse(data)
	if err != nil {
		return f, fmt.Errorf("%s: %w", name, err)
	}
	for _, column := range slices.Concat([]string{"case_id"}, asked.Classes) {
		if !t.Has(column) {
			return f, stage.Fault{Err: fmt.Errorf("%s has no column %s; there must be case_id and one for each class", name, column), Hint: registry.Suggest(column, t.Columns)}
		}
	}
	f = pseudoFile{shares: map[string][]float32{}, paths: map[string]string{}}
	for _, row := range t.Rows {
		id := row.Cell("case_id")
		said, err := sharesOf(row, asked.Classes)
		if _, twice := f.shares[id]; twice && err == nil {
			err = errors.New("the file names it twice")
		}
		if err != nil {
			return f, stage.Fault{Err: fmt.Errorf("%s, line %d, case %s: %w", name, row.Line, id, err), Hint: "each row wants one number for each class, 0 or more, and one above 0"}
		}
		// An image is named as predict was given it: from the working directory, which may have been
		// the folder of the file.
		f.shares[id], f.paths[files.Absolute(filepath.Join(filepath.Dir(string(p.File)), id))], f.paths[files.Absolute(id)] = said, id, id
		if f.first == "" {
			f.first = id
		}
	}
	return f, nil
}

// sharesOf divides what a row says of the classes by its sum.
func sharesOf(r table.Row, classes []string) ([]float32, error) {
	numbers, sum := make([]float64, len(classes)), 0.0
	for k, class := range classes {
		v, err := strconv.ParseFloat(strings.TrimSpace(r.Cell(class)), 64)
		if err != nil || !(v >= 0) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("%s is %q, want a number of 0 or more", class, r.Cell(class))
		}
		numbers[k], sum = v, sum+v
	}
	if !(sum > 0) || math.IsInf(sum, 0) {
		return nil, fmt.Errorf("the numbers of the classes add up to %v", sum)
	}
	out := make([]float32, len(classes))
	for k, v := range numbers {
		out[k] = float32(v / sum)
	}
	return out, nil
}

// among wants nothing to be said for a class that is none of the target's, but for what rounding
// leaves, which it takes away.
func among(asked stage.Questions, target int, shares []float32) error {
	for k := range shares {
		switch {
		case asked.Has(target, k):
		case shares[k] > 1e-6:
			return stage.Fault{Err: fmt.Errorf("%s has %.4g of what the file says, and is no class of %s", asked.Classes[k], shares[k], asked.Targets[target]), Hint: "write 0 for the classes of other targets"}
		default:
			shares[k] = 0
		}
	}
	return nil
}

// Pseudo names the cases that have pseudo-labels, their labels and images; "" without any. They are
// no part of the data's fingerprint: runs with and without them are measured on the same data.
func (c Cases) Pseudo() string {
	only := c
	only.Cases = nil
	h := sha256.New()
	for _, one := range c.Cases {
		if one.Soft != nil {
			only.Cases = append(only.Cases, one)
			fmt.Fprintln(h, one.Soft)
		}
	}
	if only.Cases == nil {
		return ""
	}
	fmt.Fprint(h, fingerprint(c.root, only, c.heads))
	return "sha256 " + hex.EncodeToString(h.Sum(nil))
}

package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// Number cleans an id that a table program made into a decimal: "8.0" is "8".
func Number(id string) string { return strings.TrimSuffix(id, ".0") }

// IsNumber says whether a cell is a number.
func IsNumber(cell string) bool {
	_, err := strconv.ParseFloat(cell, 64)
	return err == nil
}

// List takes a cell apart that lists words; nil where it has none.
func List(cell, separator string) (out []string) {
	for _, word := range strings.Split(cell, separator) {
		if word = strings.TrimSpace(word); word != "" {
			out = append(out, word)
		}
	}
	return out
}

// Key is what the cells of some columns say together; what is a number is one, however it is
// written. A row that says nothing in any of the columns has none.
func Key(r Row, columns []string) (key string, has bool) {
	cells := make([]string, len(columns))
	for i, column := range columns {
		cells[i] = Number(r.Cell(column))
	}
	return strings.Join(cells, "\x00"), strings.Join(cells, "") != ""
}

// KeyText is a key for people: what its cells say, one after the other.
func KeyText(r Row, columns []string) string {
	key, _ := Key(r, columns)
	return strings.ReplaceAll(key, "\x00", ", ")
}

// Keyed is a table with a row for each value of its key.
type Keyed struct {
	Sheet
	Keys []string // columns
	Name string   // of its file, for messages
}

// ByKey finds the row of each key. Rows of one key must say the same in some columns.
func (k Keyed) ByKey(columns []string) (map[string]Row, error) {
	out := make(map[string]Row, len(k.Rows))
	for _, r := range k.Rows {
		key, has := Key(r, k.Keys)
		if !has {
			continue
		}
		before, twice := out[key]
		if !twice {
			out[key] = r
			continue
		}
		for _, column := range columns {
			if before.Cell(column) != r.Cell(column) {
				return nil, stage.Fault{
					Err:  fmt.Errorf("%s has lines %d and %d for %s, and their %s differ", k.Name, before.Line, r.Line, KeyText(r, k.Keys), column),
					Hint: "add a column to on that tells them apart, or make this file the table, and the other one its join",
				}
			}
		}
	}
	return out, nil
}

// Join gives each row the columns of another table that this one lacks; on are the columns of the
// key here. A row without a partner has empty cells there; it lists those. Where all would, no
// column is added.
func (t *Sheet) Join(on []string, more Keyed) (alone []Row, err error) {
	columns := slices.DeleteFunc(slices.Clone(more.Columns), func(name string) bool { return t.Has(name) || slices.Contains(more.Keys, name) })
	partners, err := more.ByKey(columns)
	if err != nil {
		return nil, err
	}
	of := make([]Row, len(t.Rows))
	for i, r := range t.Rows {
		key, has := Key(r, on)
		one, known := partners[key]
		if of[i] = one; !known || !has {
			alone = append(alone, r)
		}
	}
	if len(alone) == len(t.Rows) && len(alone) > 0 {
		return alone, nil
	}
	for _, column := range columns {
		next := 0
		t.Add(column, func(Row) string { next++; return of[next-1].Cell(column) })
	}
	return alone, nil
}

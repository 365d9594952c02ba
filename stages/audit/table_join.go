package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Join is a second table that says more of the rows of the first.
type Join struct {
	File    registry.Path `help:"CSV file with a row for each value of the key" required:"true"`
	Columns []string      `help:"names of its columns, where it has no header"`
	On      []string      `help:"key: columns that both tables have" required:"true"`
	Theirs  []string      `help:"what the columns of the key are called in this file, in the order of on; the same when empty"`
}

// Validate wants a name for each column of the key.
func (j Join) Validate() error {
	if len(j.Theirs) > 0 && len(j.Theirs) != len(j.On) {
		return fmt.Errorf("on has %d columns, and theirs names %d", len(j.On), len(j.Theirs))
	}
	return errors.Join(onceEach("on", j.On), onceEach("theirs", j.Theirs), onceEach("columns", j.Columns))
}

// keys are the columns of the key in the file itself.
func (j Join) keys() []string {
	if len(j.Theirs) > 0 {
		return j.Theirs
	}
	return j.On
}

// keyOf is the key of a row; what is a number is one, however it is written. A row that says
// nothing in any of the columns has none.
func keyOf(r row, columns []string) (key string, has bool) {
	cells := make([]string, len(columns))
	for i, column := range columns {
		cells[i] = number(r.cell(column))
	}
	return strings.Join(cells, "\x00"), strings.Join(cells, "") != ""
}

// join gives each row the columns of another table that it lacks. A row without a partner
// has empty cells there; it lists those.
func (t *table) join(j Join, at string) (alone []row, err error) {
	more, err := readTableAt(j.File, j.Columns, at+".file")
	if err != nil {
		return nil, err
	}
	var missing registry.Problems
	for i, column := range j.On {
		missing = append(missing, wants(*t, fmt.Sprintf("%s.on.%d", at, i), column, "the table")...)
		if name, setting := j.keys()[i], "on"; !more.has(name) {
			if len(j.Theirs) > 0 {
				setting = "theirs"
			}
			missing = append(missing, wants(more, fmt.Sprintf("%s.%s.%d", at, setting, i), name, filepath.Base(string(j.File)))...)
		}
	}
	if missing != nil {
		return nil, missing.Err()
	}
	columns := slices.DeleteFunc(slices.Clone(more.columns), func(name string) bool { return t.has(name) || slices.Contains(j.keys(), name) })
	partners, err := j.partners(more, columns)
	if err != nil {
		return nil, stage.Wrong{Path: at, Err: err}
	}
	of := make([]row, len(t.rows))
	for i, r := range t.rows {
		key, has := keyOf(r, j.On)
		one, known := partners[key]
		if of[i] = one; !known || !has {
			alone = append(alone, r)
		}
	}
	if len(alone) == len(t.rows) && len(alone) > 0 {
		return nil, stage.Wrong{Path: at, Err: stage.Fault{
			Err:  fmt.Errorf("no row has a partner in %s; the first key is %q here and %q there", filepath.Base(string(j.File)), plainKey(t.rows[0], j.On), plainKey(firstRow(more), j.keys())),
			Hint: j.hint(*t, more),
		}}
	}
	for _, column := range columns {
		next := 0
		t.add(column, func(row) string { next++; return of[next-1].cell(column) })
	}
	return alone, nil
}

func plainKey(r row, columns []string) string {
	key, _ := keyOf(r, columns)
	return strings.ReplaceAll(key, "\x00", ", ")
}

func firstRow(t table) row {
	if len(t.rows) == 0 {
		return row{}
	}
	return t.rows[0]
}

// partners finds the row of each key. Rows of one key must say the same.
func (j Join) partners(more table, columns []string) (map[string]row, error) {
	out := make(map[string]row, len(more.rows))
	for _, r := range more.rows {
		key, has := keyOf(r, j.keys())
		if !has {
			continue
		}
		before, twice := out[key]
		if !twice {
			out[key] = r
			continue
		}
		for _, column := range columns {
			if before.cell(column) != r.cell(column) {
				return nil, stage.Fault{
					Err:  fmt.Errorf("%s has lines %d and %d for %s, and their %s differ", filepath.Base(string(j.File)), before.line, r.line, plainKey(r, j.keys()), column),
					Hint: "add a column to on that tells them apart, or make this file the table, and the other one its join",
				}
			}
		}
	}
	return out, nil
}

const hintCSV = "name a CSV file; a path is relative to the experiment file"

// readTableAt reads the CSV file of a setting; columns are as in parseTableOf.
func readTableAt(file registry.Path, columns []string, setting string) (table, error) {
	data, err := os.ReadFile(string(file))
	if err != nil {
		return table{}, stage.Wrong{Path: setting, Err: stage.Fault{Err: files.NotThere(string(file), err), Hint: hintCSV}}
	}
	t, err := parseTableOf(data, columns)
	if err != nil {
		return t, stage.Wrong{Path: setting, Err: fmt.Errorf("%s: %w", file, err)}
	}
	return t, nil
}

// wants is the problem that a table has not a column; nil where it has.
func wants(t table, setting, column, called string) registry.Problems {
	if t.has(column) {
		return nil
	}
	return registry.Problems{{Path: setting, Text: fmt.Sprintf("%s has no column %q", called, column), Hint: registry.Suggest(column, t.columns)}}
}

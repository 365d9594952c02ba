package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
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

// Keys are the columns of the key in the file itself.
func (j Join) Keys() []string {
	if len(j.Theirs) > 0 {
		return j.Theirs
	}
	return j.On
}

// join gives the rows of a table the columns of this one that they lack. A row without a
// partner has empty cells there; it lists those.
func (j Join) to(t *table.Sheet, at string) (alone []table.Row, err error) {
	more, err := readTableAt(j.File, j.Columns, at+".file")
	if err != nil {
		return nil, err
	}
	var missing registry.Problems
	for i, column := range j.On {
		missing = append(missing, t.Wants(fmt.Sprintf("%s.on.%d", at, i), column, "the table")...)
		if name, setting := j.Keys()[i], "on"; !more.Has(name) {
			if len(j.Theirs) > 0 {
				setting = "theirs"
			}
			missing = append(missing, more.Wants(fmt.Sprintf("%s.%s.%d", at, setting, i), name, filepath.Base(string(j.File)))...)
		}
	}
	if missing != nil {
		return nil, missing.Err()
	}
	alone, err = t.Join(j.On, table.Keyed{Sheet: more, Keys: j.Keys(), Name: filepath.Base(string(j.File))})
	if err != nil {
		return nil, stage.Wrong{Path: at, Err: err}
	}
	if len(alone) == len(t.Rows) && len(alone) > 0 {
		return nil, stage.Wrong{Path: at, Err: stage.Fault{
			Err:  fmt.Errorf("no row has a partner in %s; the first key is %q here and %q there", filepath.Base(string(j.File)), table.KeyText(t.Rows[0], j.On), table.KeyText(firstRow(more), j.Keys())),
			Hint: j.hint(*t, more),
		}}
	}
	return alone, nil
}

// hint says how a join might find its partners.
func (j Join) hint(t, more table.Sheet) string {
	if len(j.On) == 1 && t.LostZeros(j.On[0], more, j.Keys()[0]) > 0 {
		return fmt.Sprintf("there ids have lost the zeros that they begin with, as in a spreadsheet: extract: {short_id: {from: %s, match: '%s'}}, and in the join on: [short_id], theirs: [%s]", j.On[0], table.WithoutZeros, j.Keys()[0])
	}
	return "name other columns in on and theirs, or make them equal with extract"
}

func firstRow(t table.Sheet) table.Row {
	if len(t.Rows) == 0 {
		return table.Row{}
	}
	return t.Rows[0]
}

const hintCSV = "name a CSV file; a path is relative to the experiment file"

// readTableAt reads the CSV file of a setting; columns are as in table.ParseAs.
func readTableAt(file registry.Path, columns []string, setting string) (table.Sheet, error) {
	data, err := os.ReadFile(string(file))
	if err != nil {
		return table.Sheet{}, stage.Wrong{Path: setting, Err: stage.Fault{Err: files.NotThere(string(file), err), Hint: hintCSV}}
	}
	t, err := table.ParseAs(data, columns)
	if err != nil {
		return t, stage.Wrong{Path: setting, Err: fmt.Errorf("%s: %w", file, err)}
	}
	return t, nil
}

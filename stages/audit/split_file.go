package audit

import (
	"fmt"
	"os"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

// place is where a split file puts a case or a group.
type place struct {
	split stage.Split
	fold  int
}

// splitFile is a split that was fixed before, as other programs have it too.
type splitFile struct {
	path   string
	column string // "id" or "group"
	places map[string]place
	folds  int
	tag    bool // column is one of the cases: see Split.Column

	lists   bool   // places are those of names in lists: see Split.Lists
	called  int    // what lists call a case: see nameKinds
	rest    bool   // what no list names is for training
	setting string // that fixes the split
}

const splitFileHint = "it is a CSV file with a column id or group, and a column split (train, validation, test), fold (a number), or both"

// readSplitFile reads data.split.file.
func readSplitFile(path string) (splitFile, error) {
	data, err := os.ReadFile(path)
	if err == nil {
		var f splitFile
		if f, err = parseSplitFile(data); err == nil {
			f.path, f.setting = path, "data.split.file"
			return f, nil
		}
		err = fmt.Errorf("%s: %w", path, err)
	}
	return splitFile{}, stage.Wrong{Path: "data.split.file", Err: stage.Fault{Err: files.NotThere(path, err), Hint: splitFileHint}}
}

func parseSplitFile(data []byte) (splitFile, error) {
	t, err := table.Parse(data)
	if err != nil {
		return splitFile{}, err
	}
	f := splitFile{places: map[string]place{}, column: t.First("id", "row_id", "group", "study_id", "patient_id")}
	named, numbered := t.Has("split"), t.Has("fold")
	switch {
	case f.column == "":
		return f, fmt.Errorf("there is no column id or group; have %v", t.Columns)
	case !named && !numbered:
		return f, fmt.Errorf("there is no column split or fold; have %v", t.Columns)
	}
	for _, row := range t.Rows {
		p, err := placeOf(row, named, numbered)
		if err != nil {
			return f, fmt.Errorf("line %d: %w", row.Line, err)
		}
		if before, twice := f.places[row.Cell(f.column)]; twice && before != p {
			return f, fmt.Errorf("line %d: %s was put elsewhere before", row.Line, row.Cell(f.column))
		}
		f.places[row.Cell(f.column)] = p
	}
	f.number(named)
	return f, nil
}

// number makes folds begin at 1, counts them, and has them decide the splits. In
// a file that names splits, folds that are all 0 mean that there are none, as in
// the files that runner audit --split writes.
func (f *splitFile) number(named bool) {
	first, most := 1, 0
	for _, p := range f.places {
		if p.split != stage.Test {
			first, most = min(first, p.fold), max(most, p.fold)
		}
	}
	if named && most == 0 {
		return
	}
	for name, p := range f.places {
		if p.split == stage.Test {
			continue
		}
		p.fold += 1 - first
		if p.split = stage.Train; p.fold == 1 {
			p.split = stage.Validation
		}
		f.places[name] = p
	}
	f.folds = most + 1 - first
}

// placeOf reads the cells split and fold of a row.
func placeOf(row table.Row, named, numbered bool) (place, error) {
	var p place
	if named {
		var known bool
		if p.split, known = naming.Splits[strings.ToLower(row.Cell("split"))]; !known {
			return p, fmt.Errorf("the split is %q; want train, validation or test", row.Cell("split"))
		}
	}
	if !numbered || p.split == stage.Test {
		return p, nil
	}
	var ok bool
	if p.fold, ok = naming.Fold(row.Cell("fold")); !ok {
		return p, fmt.Errorf("the fold is %q; want a whole number from 0 to 100", row.Cell("fold"))
	}
	return p, nil
}

// place is where a case goes; false where nothing is said of it.
func (f splitFile) place(c stage.Case, patients map[string]string) (place, bool) {
	if f.lists {
		return f.ofLists(c)
	}
	p, ok := f.places[f.key(c, patients)]
	return p, ok
}

// key is what a case is called in the file.
func (f splitFile) key(c stage.Case, patients map[string]string) string {
	if f.tag {
		return c.Tags[f.column]
	}
	switch f.column {
	case "id", "row_id":
		if _, named := f.places[c.ID]; !named && c.Sample != "" {
			return c.Sample
		}
		return c.ID
	case "patient_id":
		return patients[c.Group]
	}
	return c.Group
}

// apply puts the cases where the file says. It drops those that it does not
// name.
func (f splitFile) apply(c *Cases, patients map[string]string, actions Actions) error {
	var unnamed []hit
	var kept []stage.Case
	trains := false
	for _, one := range c.Cases {
		p, ok := f.place(one, patients)
		if !ok {
			unnamed = append(unnamed, hit{id: one.ID})
			continue
		}
		one.Split, one.Fold = p.split, p.fold
		kept = append(kept, one)
		trains = trains || p.split == stage.Train
	}
	rule := rules["not_in_split_file"]
	if d := rule.finding(unnamed, actions.of(rule)); d != nil {
		if d.Done == "refused" {
			return d.refusal()
		}
		c.Dropped = append(c.Dropped, *d)
	}
	if !trains && f.lists {
		return stage.Wrong{Path: f.setting, Err: stage.Fault{Err: fmt.Errorf("the lists leave no cases for training; %d of %d cases are named", len(kept), len(c.Cases)), Hint: splitListsHint}}
	}
	if !trains && f.tag {
		return stage.Wrong{Path: "data.split.column", Err: stage.Fault{Err: fmt.Errorf("%s leaves no cases for training; %d of %d cases have a split", f.column, len(kept), len(c.Cases)), Hint: splitColumnHint}}
	}
	if !trains {
		return stage.Wrong{Path: "data.split.file", Err: stage.Fault{Err: fmt.Errorf("%s leaves no cases for training; %d of %d cases are named by %s", f.path, len(kept), len(c.Cases), f.column), Hint: splitFileHint}}
	}
	c.Cases, c.Folds = kept, f.folds
	return nil
}

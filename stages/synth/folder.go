package synth

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// marker is the file that says who made a folder, of what.
const marker = "synth.json"

// state is what the marker holds.
type state struct {
	Version int
	Done    bool // false while the folder is being written
	Options Options
	Summary Summary
}

// folder is where a data set lies.
type folder string

func (f folder) path(names ...string) string {
	return filepath.Join(append([]string{string(f)}, names...)...)
}

// holds says whether the folder has what the options ask for, whole. It refuses
// a folder that holds what Write did not make.
func (f folder) holds(opt Options) (Summary, bool, error) {
	old, err := f.marked()
	if errors.Is(err, fs.ErrNotExist) {
		return Summary{}, false, f.mustBeEmpty()
	}
	if err != nil {
		return Summary{}, false, err
	}
	old.Summary.Already = true
	same := old.Version == version && old.Done && reflect.DeepEqual(normal(old.Options), normal(opt))
	return old.Summary, same && f.whole(old.Summary), nil
}

// marked reads the marker.
func (f folder) marked() (old state, err error) {
	text, err := os.ReadFile(f.path(marker))
	if err != nil {
		return state{}, err
	}
	if err := json.Unmarshal(text, &old); err != nil || old.Version < 1 {
		return state{}, f.foreign(marker)
	}
	return old, nil
}

// normal makes equal what JSON does not tell apart.
func normal(o Options) Options {
	if len(o.Defects) == 0 {
		o.Defects = nil
	}
	return o
}

// whole counts the files, in case some were deleted.
func (f folder) whole(s Summary) bool {
	return f.has(train, s.Files) && (s.Test == nil || f.has(test, s.Test.Files))
}

func (f folder) has(p part, images int) bool {
	for _, name := range p.tables() {
		if _, err := os.Stat(f.path(name)); err != nil {
			return false
		}
	}
	files, _ := filepath.Glob(f.path(p.images(), "*", "*", "*.dcm"))
	return len(files) == images
}

func (f folder) mustBeEmpty() error {
	entries, err := os.ReadDir(string(f))
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return f.foreign(entries[0].Name())
}

func (f folder) foreign(name string) error {
	return stage.Fault{
		Err:  fmt.Errorf("%s was not made by synth, and holds %s", string(f), name),
		Hint: "name a new or empty folder; nothing was written",
	}
}

// begin removes an earlier data set and marks the folder, so that a write that
// is cut off is known as such.
func (f folder) begin(opt Options) error {
	if err := os.MkdirAll(string(f), 0o755); err != nil {
		return err
	}
	var made []part
	if old, err := f.marked(); err == nil {
		made = old.Options.parts()
	}
	for _, p := range opt.parts() {
		if name := f.stranger(p, slices.Contains(made, p)); name != "" {
			return stage.Fault{
				Err:  fmt.Errorf("%s holds %s, which is not of the data set there", f.path(p.images()), name),
				Hint: "move it away, or name another folder; nothing was written",
			}
		}
	}
	if err := f.clear(made); err != nil {
		return err
	}
	return f.mark(state{Version: version, Options: opt})
}

// clear removes the studies that the parts' tables name and the tables, and nothing else:
// the folder may hold somebody's own files by now.
func (f folder) clear(made []part) error {
	for _, p := range made {
		for _, id := range f.studies(p) {
			if err := os.RemoveAll(f.path(p.images(), id)); err != nil {
				return err
			}
		}
		if p == test {
			_ = os.Remove(f.path(p.images())) // stays where somebody's files are in it
		}
		for _, name := range p.tables() {
			if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	return nil
}

// stranger names a study's folder that the part's table does not know; made says whether
// Write made that table.
func (f folder) stranger(p part, made bool) string {
	entries, _ := os.ReadDir(f.path(p.images()))
	var known []string
	if made {
		known = f.studies(p)
	}
	for _, e := range entries {
		if !slices.Contains(known, e.Name()) {
			return e.Name()
		}
	}
	return ""
}

// studies lists the studies in the first column of train.csv, or of test_solution.csv, as
// far as it can be read.
func (f folder) studies(p part) []string {
	file, err := os.Open(f.path(p.tables()[0]))
	if err != nil {
		return nil
	}
	defer file.Close()
	rows, _ := csv.NewReader(file).ReadAll()
	var ids []string
	for _, row := range rows {
		id, _, _ := strings.Cut(row[0], "_")
		if _, err := strconv.ParseUint(id, 10, 64); err == nil { // never a path such as ".."
			ids = append(ids, id)
		}
	}
	return slices.Compact(ids) // the rows of a study follow each other
}

func (f folder) finish(opt Options, s Summary) error {
	return f.mark(state{Version: version, Done: true, Options: opt, Summary: s})
}

// mark replaces the marker in one step.
func (f folder) mark(s state) error {
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(f.path(marker+".new"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(f.path(marker+".new"), f.path(marker))
}

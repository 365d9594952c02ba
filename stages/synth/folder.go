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
	text, err := os.ReadFile(f.path(marker))
	if errors.Is(err, fs.ErrNotExist) {
		return Summary{}, false, f.mustBeEmpty()
	}
	if err != nil {
		return Summary{}, false, err
	}
	var old state
	if err := json.Unmarshal(text, &old); err != nil || old.Version < 1 {
		return Summary{}, false, f.foreign(marker)
	}
	old.Summary.Already = true
	same := old.Version == version && old.Done && reflect.DeepEqual(normal(old.Options), normal(opt))
	return old.Summary, same && f.whole(old.Summary), nil
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
	for _, name := range tableNames {
		if _, err := os.Stat(f.path(name)); err != nil {
			return false
		}
	}
	files, _ := filepath.Glob(f.path("train_images", "*", "*", "*.dcm"))
	return len(files) == s.Files
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
	if name := f.stranger(); name != "" {
		return stage.Fault{
			Err:  fmt.Errorf("%s holds %s, which is not of the data set there", f.path("train_images"), name),
			Hint: "move it away, or name another folder; nothing was written",
		}
	}
	if err := f.mark(state{Version: version, Options: opt}); err != nil {
		return err
	}
	return f.clear()
}

// clear removes the studies that train.csv names and the tables, and nothing
// else: the folder may hold somebody's own files by now.
func (f folder) clear() error {
	for _, id := range f.studies() {
		if err := os.RemoveAll(f.path("train_images", id)); err != nil {
			return err
		}
	}
	for _, name := range tableNames {
		if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// stranger names a study's folder that train.csv does not know.
func (f folder) stranger() string {
	entries, _ := os.ReadDir(f.path("train_images"))
	known := f.studies()
	for _, e := range entries {
		if !slices.Contains(known, e.Name()) {
			return e.Name()
		}
	}
	return ""
}

// studies lists the first column of train.csv, as far as it can be read.
func (f folder) studies() []string {
	file, err := os.Open(f.path("train.csv"))
	if err != nil {
		return nil
	}
	defer file.Close()
	rows, _ := csv.NewReader(file).ReadAll()
	var ids []string
	for _, row := range rows {
		if _, err := strconv.ParseUint(row[0], 10, 64); err == nil { // never a path such as ".."
			ids = append(ids, row[0])
		}
	}
	return ids
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

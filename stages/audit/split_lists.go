package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

const splitListsHint = "a list has a name on each line: that of an image file, with or without its folders and its ending, the id of a case, or its group"

// listed puts cases where the list stands that names them, and deals what the lists leave
// open.
func (s Split) listed(c *Cases, patients map[string]string, actions Actions) error {
	f := splitFile{lists: true, setting: "data.split.lists", places: map[string]place{}}
	for _, split := range slices.Sorted(maps.Keys(s.Lists)) {
		if err := f.read(splitNames[split], string(s.Lists[split]), "data.split.lists."+split, c.Cases); err != nil {
			return err
		}
	}
	if !f.names(stage.Train) {
		f.rest = true
	}
	return s.fixed(f, c, patients, actions)
}

// read reads the list of a split. Of its names one at least must be that of a case.
func (f *splitFile) read(split stage.Split, path, setting string, cases []stage.Case) error {
	names, err := namesIn(path)
	if err != nil {
		return stage.Wrong{Path: setting, Err: stage.Fault{Err: err, Hint: splitListsHint}}
	}
	for _, name := range names {
		if before, twice := f.places[name]; twice && before.split != split {
			return stage.Wrong{Path: setting, Err: fmt.Errorf("%s is named for %s, too", name, before.split)}
		}
		f.places[name] = place{split: split}
	}
	if !slices.ContainsFunc(cases, func(one stage.Case) bool { p, ok := f.place(one, nil); return ok && p.split == split }) {
		return stage.Wrong{Path: setting, Err: stage.Fault{Err: fmt.Errorf("%s names no case; its first name is %q, the first case is %s, its image %s", filepath.Base(path), names[0], cases[0].ID, filepath.Base(cases[0].Image)), Hint: splitListsHint}}
	}
	return nil
}

// names says whether anything is put into a split.
func (f splitFile) names(split stage.Split) bool {
	for _, p := range f.places {
		if p.split == split {
			return true
		}
	}
	return false
}

// namesIn reads the first cell of each line.
func namesIn(path string) (out []string, err error) {
	data, err := os.ReadFile(path)
	if err == nil {
		data, err = plainText(data)
	}
	if err != nil {
		return nil, notThere(path, err)
	}
	for line := range strings.Lines(string(data)) {
		if at := strings.IndexAny(line, ",;\t|"); at >= 0 {
			line = line[:at]
		}
		if name := strings.Trim(onOneLine(line), `"'`); name != "" {
			out = append(out, filepath.ToSlash(filepath.Clean(pathIn(name))))
		}
	}
	if out == nil {
		return nil, errors.New(path + " is empty")
	}
	return out, nil
}

// ofLists finds a case by its id, its group, or by the end of its image's path.
func (f splitFile) ofLists(c stage.Case) (place, bool) {
	file, _ := stage.FrameOf(c.Image)
	file = filepath.ToSlash(file)
	names := []string{c.ID, cmp.Or(c.Sample, c.ID), c.Group, stemOf(file)}
	for at := len(file); at > 0; {
		at = strings.LastIndexByte(file[:at], '/')
		names = append(names, file[at+1:])
	}
	for _, name := range names {
		if p, ok := f.places[name]; ok {
			return p, true
		}
	}
	return place{split: stage.Train}, f.rest
}

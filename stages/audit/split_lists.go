package audit

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/table"
	"vertebra/stages/stage"
)

const splitListsHint = "a list has a name on each line: that of an image file, with or without its folders and its ending, the id of a case, or its group"

// listed puts cases where the list stands that names them, and deals what the lists leave
// open.
func (s Split) listed(c *Cases, patients map[string]string, actions Actions) error {
	f := splitFile{lists: true, setting: "data.split.lists", places: map[string]place{}}
	first := map[string]string{}
	for _, split := range slices.Sorted(maps.Keys(s.Lists)) {
		names, err := table.Names(string(s.Lists[split]))
		if err == nil {
			first[split], err = names[0], f.list(naming.Splits[split], names)
		}
		if err != nil {
			return stage.Wrong{Path: "data.split.lists." + split, Err: stage.Fault{Err: err, Hint: splitListsHint}}
		}
	}
	f.called = f.mostNamed(c.Cases)
	for _, split := range slices.Sorted(maps.Keys(s.Lists)) {
		if !slices.ContainsFunc(c.Cases, func(one stage.Case) bool { p, ok := f.ofLists(one); return ok && p.split == naming.Splits[split] }) {
			return stage.Wrong{Path: "data.split.lists." + split, Err: stage.Fault{Err: fmt.Errorf("%s names no case; its first name is %q, the first case is %s, its image %s",
				filepath.Base(string(s.Lists[split])), first[split], c.Cases[0].ID, filepath.Base(c.Cases[0].Image)), Hint: splitListsHint}}
		}
	}
	f.rest = !f.names(stage.Train)
	return s.fixed(f, c, patients, actions)
}

// list puts names into a split.
func (f *splitFile) list(split stage.Split, names []string) error {
	for _, name := range names {
		if before, twice := f.places[name]; twice && before.split != split {
			return fmt.Errorf("%s is named for %s, too", name, before.split)
		}
		f.places[name] = place{split: split}
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

// nameKinds are what lists may call a case: by its id, by the end of its image's path, with or
// without the ending, or by its group.
var nameKinds = []func(stage.Case) []string{
	func(c stage.Case) []string { return []string{c.ID, cmp.Or(c.Sample, c.ID)} },
	fileNames,
	func(c stage.Case) []string { return []string{c.Group} },
}

// mostNamed is the kind of name by which lists name most. Lists keep to one: the image 7.png of
// patient 1 is not what a list of images means by 1.
func (f splitFile) mostNamed(cases []stage.Case) (kind int) {
	most := 0
	for i, namesOf := range nameKinds {
		met := map[string]bool{}
		for _, c := range cases {
			for _, name := range namesOf(c) {
				if _, ok := f.places[name]; ok {
					met[name] = true
				}
			}
		}
		if len(met) > most {
			kind, most = i, len(met)
		}
	}
	return kind
}

// fileNames are the ends of the paths of a case's image and its views, of each the longest first.
func fileNames(c stage.Case) (names []string) {
	names = endsOf(c.Image)
	for _, m := range c.Views {
		if m.Image != c.Image && !blank(m) {
			names = append(names, endsOf(m.Image)...)
		}
	}
	return names
}

func endsOf(image string) (names []string) {
	file, _ := stage.ParseFramePath(image)
	file = filepath.ToSlash(file)
	for at := 0; ; {
		end := file[at:]
		names = append(names, end, path.Join(path.Dir(end), files.Stem(end)))
		next := strings.IndexByte(end, '/')
		if next < 0 {
			return names
		}
		at += next + 1
	}
}

// ofLists finds a case by what the lists call it.
func (f splitFile) ofLists(c stage.Case) (place, bool) {
	for _, name := range nameKinds[f.called](c) {
		if p, ok := f.places[name]; ok {
			return p, true
		}
	}
	return place{split: stage.Train}, f.rest
}

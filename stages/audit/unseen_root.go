package audit

import (
	"fmt"
	"path/filepath"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/registry"
)

// lies is a folder at which the images of a table may begin, and how its rows name them.
type lies struct{ root, image string }

// found counts the rows whose images are there.
func (l lies) found(file string, some []row) (n int) {
	root := l.root
	if root == "" {
		root = filepath.Dir(file)
	}
	p := newPlaces(root, l.image)
	for _, r := range some {
		if p.name(l.image, r) != "" && files.There(p.of(l.image, r)[0]) {
			n++
		}
	}
	return n
}

// rootOf finds the folder at which the images of another table of the same columns begin: of the
// candidates the one that has most of them, of equals the first. namesakes says where others lie
// that are called so, where the run's own folder was taken.
func (t Table) rootOf(file string, rows table) (root registry.Path, image, namesakes string) {
	some := spread(rows.rows, triedRows)
	best, most := lies{"", t.Image}, 0
	for _, candidate := range t.candidates(file, some) {
		one := candidate()
		if n := one.found(file, some); n > most {
			best, most = one, n
		}
		if most == len(some) {
			break
		}
	}
	if most > 0 && best.root == string(t.Root) && best.root != "" && files.Absolute(file) != files.Absolute(string(t.File)) {
		namesakes = t.namesakes(file, some)
	}
	return registry.Path(best.root), best.image, namesakes
}

// candidates are, in this order: the table's own folder; the folder that lies beside it as that
// of the run's images lies beside the run's table; where the images lie below its folder that are
// called so, unless that folder and the run's lie in each other; the run's; wherever else near.
func (t Table) candidates(file string, some []row) []func() lies {
	dir := files.Absolute(filepath.Dir(file))
	out := []func() lies{func() lies { return lies{"", t.Image} }}
	if beside, err := filepath.Rel(files.Absolute(filepath.Dir(string(t.File))), files.Absolute(string(t.Root))); err == nil && t.File != "" && t.Root != "" {
		out = append(out, func() lies { return lies{filepath.Join(dir, beside), t.Image} })
	}
	near := func(up int) func() lies {
		return func() lies {
			of := columnsIn(t.Image)
			if len(of) != 1 {
				return lies{"", t.Image}
			}
			l := newGuesser().imagesUpTo(up, dir, of, some)
			return lies{l.root, l.image}
		}
	}
	if own := files.Absolute(string(t.Root)); t.Root != "" && !liesIn(own, dir) && !liesIn(dir, own) {
		out = append(out, near(0))
	}
	return append(out, func() lies { return lies{string(t.Root), t.Image} }, near(2))
}

// liesIn says whether a path is a folder or lies in it; both are absolute.
func liesIn(path, folder string) bool {
	return path == folder || strings.HasPrefix(path, strings.TrimSuffix(folder, string(filepath.Separator))+string(filepath.Separator))
}

// namesakes tells of images below the table's folder that are called as those in the run's.
func (t Table) namesakes(file string, some []row) string {
	of := columnsIn(t.Image)
	if len(of) != 1 {
		return ""
	}
	own, f := files.Absolute(string(t.Root)), newGuesser().imagesBelow(filepath.Dir(file))
	folders, most := map[string]int{}, ""
	for _, r := range some {
		for _, path := range f.names[files.Stem(r.cell(of[0]))] {
			if folder := filepath.Dir(path); !liesIn(folder, own) {
				if folders[folder]++; folders[folder] > folders[most] {
					most = folder
				}
			}
		}
	}
	if 2*folders[most] < len(some) || most == "" {
		return ""
	}
	name, err := filepath.Rel(f.root, most)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s: its images are taken from %s, as those of the run were; %s has some that are called so too, which --column-image %q takes",
		filepath.Base(file), t.Root, most, filepath.ToSlash(name)+"/{"+of[0]+"}")
}

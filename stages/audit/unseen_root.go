package audit

import (
	"fmt"
	"path/filepath"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
)

// lies is a folder at which the images of a table may begin, and how its rows name them.
type lies struct{ root, image string }

// found counts the rows whose images are there.
func (l lies) found(file string, some []table.Row) (n int) {
	root := l.root
	if root == "" {
		root = filepath.Dir(file)
	}
	p := places.NamedBy(root, l.image)
	for _, r := range some {
		if p.Name(r) != "" && files.There(p.Of(r)[0]) {
			n++
		}
	}
	return n
}

// rootOf finds the folder at which the images of another table of the same columns begin: of the
// candidates the one that has most of them, of equals the first. namesakes says where others lie
// that are called so, where the run's own folder was taken.
func (t Table) rootOf(file string, rows table.Sheet) (root registry.Path, image, namesakes string) {
	some := table.Spread(rows.Rows, places.Tried)
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
func (t Table) candidates(file string, some []table.Row) []func() lies {
	dir := files.Absolute(filepath.Dir(file))
	out := []func() lies{func() lies { return lies{"", t.Image} }}
	if beside, err := filepath.Rel(files.Absolute(filepath.Dir(string(t.File))), files.Absolute(string(t.Root))); err == nil && t.File != "" && t.Root != "" {
		out = append(out, func() lies { return lies{filepath.Join(dir, beside), t.Image} })
	}
	near := func(up int) func() lies {
		return func() lies {
			of := places.Columns(t.Image)
			if len(of) != 1 {
				return lies{"", t.Image}
			}
			l := places.NewSearch().ImagesUpTo(up, dir, of, some)
			return lies{l.Root, l.Image}
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
func (t Table) namesakes(file string, some []table.Row) string {
	of := places.Columns(t.Image)
	if len(of) != 1 {
		return ""
	}
	own, f := files.Absolute(string(t.Root)), places.NewSearch().Below(filepath.Dir(file))
	folders, most := map[string]int{}, ""
	for _, r := range some {
		for _, path := range f.Names[files.Stem(r.Cell(of[0]))] {
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
	name, err := filepath.Rel(f.Root, most)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s: its images are taken from %s, as those of the run were; %s has some that are called so too, which --column-image %q takes",
		filepath.Base(file), t.Root, most, filepath.ToSlash(name)+"/{"+of[0]+"}")
}

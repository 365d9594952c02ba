package headers

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/filecache"
	"vertebra/stages/internal/files"

	"golang.org/x/sys/unix"
)

// Slice is a file of a folder that holds a series: <instance number>.dcm.
type Slice struct {
	Path     string
	Instance int // the number that names it
}

// listing is what lies in the folder of a series, and what the cache knows of it.
type listing struct {
	slices []Slice
	heads  []*Header
	known  []bool // by slice: the header is whole; without, size and time alone are there
}

// list finds the slices of a folder: their numbers may begin anywhere and have gaps. A
// folder that is not there has none.
func list(c *filecache.Cache, folder string) (out listing) {
	dir, err := os.Open(folder)
	if err != nil {
		return out
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	out.slices = make([]Slice, 0, len(names))
	for _, name := range names {
		stem, isDICOM := strings.CutSuffix(name, ".dcm")
		if n, err := strconv.Atoi(stem); err == nil && isDICOM {
			out.slices = append(out.slices, Slice{Path: folder + string(filepath.Separator) + name, Instance: n})
		}
	}
	slices.SortFunc(out.slices, func(a, b Slice) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Path, b.Path))
	})
	out.look(c, int(dir.Fd()), folder)
	return out
}

// look looks at the slices in an open folder: from there the system need not walk
// along whole paths. What all headers of a series share is kept once.
func (l *listing) look(c *filecache.Cache, dir int, folder string) {
	heads, whole := make([]Header, len(l.slices)), files.Absolute(folder)
	l.heads, l.known = make([]*Header, len(heads)), make([]bool, len(heads))
	like := &Header{}
	for i, f := range l.slices {
		var s unix.Stat_t
		name := f.Path[len(folder):]
		if err := unix.Fstatat(dir, name[1:], &s, 0); err != nil || s.Mode&unix.S_IFMT == unix.S_IFDIR {
			l.heads[i], l.known[i] = remembered(c, f.Path) // which says what is wrong
			continue
		}
		h, file := &heads[i], f.Path
		if whole != folder {
			file = whole + name
		}
		if l.heads[i], l.known[i] = h, h.parse(c.State(file, s.Size, s.Mtim.Nano()), like); l.known[i] {
			like = h
		}
		h.Size, h.Time = s.Size, s.Mtim.Nano()
	}
}

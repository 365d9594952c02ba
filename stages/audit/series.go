package audit

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// listing is what lies in the folder of a series, and what the cache knows of it.
type listing struct {
	files []File
	heads []*head
	known []bool // by file: the header is whole; without, size and time alone are there
}

// list finds the slices of a folder, <instance number>.dcm: numbers may begin anywhere
// and have gaps. A folder that is not there leaves cases without image.
func (c *fileCache) list(folder string) (out listing) {
	dir, err := os.Open(folder)
	if err != nil {
		return out
	}
	defer dir.Close()
	names, _ := dir.Readdirnames(-1)
	out.files = make([]File, 0, len(names))
	for _, name := range names {
		stem, isDICOM := strings.CutSuffix(name, ".dcm")
		if n, err := strconv.Atoi(stem); err == nil && isDICOM {
			out.files = append(out.files, File{Path: folder + string(filepath.Separator) + name, Instance: n})
		}
	}
	slices.SortFunc(out.files, func(a, b File) int {
		return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Path, b.Path))
	})
	c.lookIn(int(dir.Fd()), folder, &out)
	return out
}

// lookIn looks at the files of an open folder: from there the system need not walk
// along whole paths. What all headers of a series share is kept once.
func (c *fileCache) lookIn(dir int, folder string, l *listing) {
	heads, whole := make([]head, len(l.files)), absolute(folder)
	l.heads, l.known = make([]*head, len(heads)), make([]bool, len(heads))
	like := &head{}
	for i, f := range l.files {
		var s unix.Stat_t
		name := f.Path[len(folder):]
		if err := unix.Fstatat(dir, name[1:], &s, 0); err != nil || s.Mode&unix.S_IFMT == unix.S_IFDIR {
			l.heads[i], l.known[i] = c.look(f.Path) // which says what is wrong
			continue
		}
		h, file := &heads[i], f.Path
		if whole != folder {
			file = whole + name
		}
		if l.heads[i], l.known[i] = h, h.parse(c.state(file, s.Size, s.Mtim.Nano()), like); l.known[i] {
			like = h
		}
		h.Size, h.Time = s.Size, s.Mtim.Nano()
	}
}

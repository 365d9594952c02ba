package audit

import (
	"slices"

	"vertebra/stages/stage"
)

// orderSlices sorts the files of every used series by their place in the body,
// stack by stack. Files that cannot be read come last.
func (v *view) orderSlices() {
	for _, key := range v.usedSeries() {
		s := v.Series[key]
		files, _ := v.slicesOf(key)
		var sorted []File
		for n, stack := range v.stacksOf(key) {
			for _, i := range stack.Slices {
				f := files[i]
				f.Stack = n
				sorted = append(sorted, f)
			}
		}
		for _, f := range s.Files {
			if v.heads[f.Path].Err != "" {
				f.Stack = -1
				sorted = append(sorted, f)
			}
		}
		s.Files = sorted
		v.Series[key] = s
	}
}

// paths lists the readable files of a series, in order.
func (s Series) paths() []string {
	var out []string
	for _, f := range s.Files {
		if f.Stack >= 0 {
			out = append(out, f.Path)
		}
	}
	return out
}

// marks gives each case all points of its study and level.
func marks(cases []stage.Case) {
	type place struct{ group, level string }
	all := map[place][]stage.Mark{}
	key := func(c stage.Case) place { return place{c.Group, c.Tags["level"]} }
	for _, c := range cases {
		if c.Point != nil && c.Tags["level"] != "" {
			all[key(c)] = append(all[key(c)], stage.Mark{Name: c.Tags["condition"], Image: c.Image, Point: *c.Point})
		}
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b stage.Mark) int {
			if a.Name < b.Name {
				return -1
			}
			return 1
		})
	}
	for i, c := range cases {
		cases[i].Marks = all[key(c)]
	}
}

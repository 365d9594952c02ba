package audit

import (
	"slices"

	"vertebra/stages/stage"
)

// orderSlices sorts the files of every used series by their place in the body,
// stack by stack. Files that cannot be read come last.
func (v *view) orderSlices() {
	for _, key := range v.series {
		s := v.Series[key]
		files, _ := v.slicesOf(key)
		sorted := make([]File, 0, len(s.Files))
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
	numbers, at := map[place]int{}, make([]int, len(cases))
	all := [][]stage.Mark{nil} // the first is of cases without level
	for i, c := range cases {
		key := place{c.Group, c.Tags["level"]}
		if key.level == "" || c.Marks != nil { // views of a row
			continue
		}
		n, known := numbers[key]
		if !known {
			n = len(all)
			numbers[key], all = n, append(all, nil)
		}
		if at[i] = n; c.Point == nil {
			continue
		}
		if all[n] == nil {
			all[n] = make([]stage.Mark, 0, len(rsnaConditions))
		}
		all[n] = append(all[n], stage.Mark{Name: c.Tags["condition"], Image: c.Image, Series: c.Series, Point: c.Point, Spacing: c.Spacing})
	}
	for _, list := range all {
		slices.SortFunc(list, func(a, b stage.Mark) int {
			if a.Name < b.Name {
				return -1
			}
			return 1
		})
	}
	for i, n := range at {
		if n > 0 {
			cases[i].Marks = all[n]
		}
	}
}

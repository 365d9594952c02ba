package audit

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/stage"
)

// regroup makes samples of levels, series or studies out of labelled points.
func (v *view) regroup(cfg Config) error {
	defer v.changed()
	if err := v.seenAs(cfg); err != nil {
		return err
	}
	v.joinRows()
	v.SpaceLevels()
	marks(v.Cases.Cases)
	v.sortImages()
	key, ok := units[cfg.Sample]
	switch {
	case cfg.Label == all && !ok:
		key = seen
	case !ok:
		v.alone()
		return nil
	}
	members := map[string][]stage.Case{}
	for _, c := range v.Cases.Cases {
		name := key(c)
		if name == "" {
			return stage.Wrong{Path: "data.sample", Err: stage.Fault{Err: fmt.Errorf("case %s is in no %s", c.ID, cfg.Sample), Hint: "set data.sample to point"}}
		}
		members[name] = append(members[name], c)
	}
	out := make([]stage.Case, 0, len(v.Cases.Cases))
	for _, name := range slices.Sorted(maps.Keys(members)) {
		made, err := v.unit(cfg, name, members[name])
		if err != nil {
			return err
		}
		out = append(out, made...)
	}
	slices.SortFunc(out, func(a, b stage.Case) int { return compareIDs(a.ID, b.ID) })
	v.Cases.Cases = out
	v.number(cfg)
	return nil
}

// sortImages gives samples of several images these in the order of the slices, which is known
// now.
func (v *view) sortImages() {
	for i, c := range v.Cases.Cases {
		if sorted := v.Series[c.Series].paths(); c.Images != nil && len(sorted) > 0 {
			v.Cases.Cases[i].Images, v.Cases.Cases[i].Image = sorted, sorted[len(sorted)/2]
		}
	}
}

// alone makes each case a sample by itself.
func (v *view) alone() {
	for i := range v.Cases.Cases {
		v.Cases.Cases[i].Sample = ""
	}
}

func compareIDs(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// units say which cases are of one sample; "" for a case of none.
var units = map[string]func(stage.Case) string{
	"level": func(c stage.Case) string {
		if c.Tags["level"] == "" {
			return ""
		}
		return c.Group + "_" + c.Tags["level"]
	},
	"series": func(c stage.Case) string { return c.Series },
	"study":  func(c stage.Case) string { return c.Group },
}

// unit makes the sample of some cases, or with label each one for each of them.
func (v *view) unit(cfg Config, name string, members []stage.Case) ([]stage.Case, error) {
	one, err := v.seenOf(cfg, name, members)
	if err != nil {
		return nil, err
	}
	if one.Sample = ""; cfg.Label == all {
		return v.answers(cfg, name, one, members)
	}
	if cfg.Label != eachRow {
		one.ID, one.Tags = name, common(members)
		one.Label = chooseLabel(cfg.Label, labelsOf(members))
		return []stage.Case{one}, nil
	}
	out := make([]stage.Case, len(members))
	for i, m := range members {
		out[i] = one
		out[i].ID, out[i].Label, out[i].Tags = m.ID, m.Label, tagsOf(cfg.Sample, m, one)
	}
	return out, nil
}

// seenOf is what is seen of a sample: the views of a study, or some pictures.
func (v *view) seenOf(cfg Config, name string, members []stage.Case) (stage.Case, error) {
	if len(cfg.Views) > 0 && cfg.Sample == "study" && v.found.viewed {
		return v.viewed(name, members), nil
	}
	one, err := v.pictures(cfg.Sample, members)
	if err == nil && len(cfg.Views) > 0 && cfg.Sample == "study" {
		one.Marks = v.middles(members)
	}
	return one, err
}

// middles are the middle slices of the series of a study: of each type the series with most
// slices.
func (v *view) middles(members []stage.Case) (out []stage.Mark) {
	seen, of := map[string]bool{}, map[string]string{} // the series of a type
	for _, m := range members {
		seen[m.Series] = true
	}
	for _, key := range slices.Sorted(maps.Keys(seen)) {
		if kind := v.Series[key].Type; of[kind] == "" || len(v.Series[key].Files) > len(v.Series[of[kind]].Files) {
			of[kind] = key
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(of)) {
		if paths := v.Series[of[kind]].paths(); len(paths) > 0 {
			out = append(out, stage.Mark{Image: paths[len(paths)/2], Series: of[kind], Type: kind})
		}
	}
	return out
}

// ofPicture are the tags that tell which picture a case is seen in.
var ofPicture = []string{"series_type", "instance"}

// tagsOf are those of a label. What they say of a level's picture is that of the one which
// was chosen, also where the label's own point is in another series.
func tagsOf(sample string, label, chosen stage.Case) map[string]string {
	tags := maps.Clone(label.Tags)
	for _, tag := range ofPicture {
		if value, told := chosen.Tags[tag]; told && sample == "level" {
			tags[tag] = value
		}
	}
	return tags
}

// pictures chooses the images of a sample: of a level the series with most of
// its points and the mean of those on the slice with most of them; of a series or
// a study all slices, and no point. What is seen of a study is its series with most slices.
func (v *view) pictures(sample string, members []stage.Case) (stage.Case, error) {
	one := members[0]
	switch sample {
	case "point":
		return one, nil
	case "level":
		of := most(members, func(c stage.Case) string { return c.Series })
		of = most(of, func(c stage.Case) string { return c.Image })
		one = of[0]
		one.Images, one.Point = v.Series[one.Series].paths(), meanPoint(of)
	case "series":
		one.Images, one.Point, one.Spacing = v.Series[one.Series].paths(), nil, stage.Spacing{}
	case "study":
		one.Images, one.Series, one.Point, one.Spacing, one.Marks = nil, "", nil, stage.Spacing{}, nil
		seen := map[string]bool{}
		for _, m := range members {
			seen[m.Series] = true
		}
		for _, series := range slices.Sorted(maps.Keys(seen)) {
			paths := v.Series[series].paths()
			if one.Images = append(one.Images, paths...); len(paths) > len(v.Series[one.Series].paths()) {
				one.Series = series
			}
		}
	}
	if len(one.Images) == 0 {
		return one, stage.Wrong{Path: "data.sample", Err: errors.New(one.ID + " is in no series with files")}
	}
	if sample != "level" {
		shown := v.Series[one.Series].paths()
		one.Image = shown[len(shown)/2]
	}
	return one, nil
}

// most gives the cases that agree in the commonest key; of equally common ones
// the smallest counts.
func most(cases []stage.Case, key func(stage.Case) string) []stage.Case {
	by := map[string][]stage.Case{}
	for _, c := range cases {
		by[key(c)] = append(by[key(c)], c)
	}
	var best []stage.Case
	for _, name := range slices.Sorted(maps.Keys(by)) {
		if len(by[name]) > len(best) {
			best = by[name]
		}
	}
	return best
}

func meanPoint(cases []stage.Case) *stage.Point {
	var p stage.Point
	n := 0.0
	for _, c := range cases {
		if c.Point != nil {
			p.X, p.Y, n = p.X+c.Point.X, p.Y+c.Point.Y, n+1
		}
	}
	if n == 0 {
		return nil
	}
	return &stage.Point{X: p.X / n, Y: p.Y / n}
}

// common keeps the tags that all cases agree in.
func common(cases []stage.Case) map[string]string {
	out := maps.Clone(cases[0].Tags)
	for _, c := range cases[1:] {
		maps.DeleteFunc(out, func(tag, value string) bool { return c.Tags[tag] != value })
	}
	return out
}

// chooseLabel gives the worst label, or the commonest, of equally common ones
// the worst.
func chooseLabel(word string, labels []int) int {
	counts, worst := map[int]int{}, 0
	for _, label := range labels {
		counts[label]++
		worst = max(worst, label)
	}
	if word == "worst" {
		return worst
	}
	best := 0
	for label := 0; label <= worst; label++ {
		if counts[label] >= counts[best] {
			best = label
		}
	}
	return best
}

func labelsOf(cases []stage.Case) []int {
	out := make([]int, len(cases))
	for i, c := range cases {
		out[i] = c.Label
	}
	return out
}

package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// ViewMissing is the rule on samples that lack a view that the net sees.
const ViewMissing = "view_missing"

func init() {
	addRule(Rule{ID: ViewMissing, Title: "sample without one of its views", Severity: warning, Do: drop,
		Reason: "its row or study has no such image, or its level no labelled place of that name or on a series of that type; data.rules: {view_missing: keep} shows the net a blank picture instead",
		find:   viewsMissing})
	addRule(Rule{ID: "views_alike", Title: "different labels of samples that see the same views", Severity: severe, Do: keep,
		Reason: "views are those of the whole row or level, and nothing tells a net which of its labels is asked: write label: all for a net that answers all of them, of a level with sample: level",
		find:   viewsAlike})
}

// see gives each case the pictures of its views, and drops those that lack one, or shows a
// blank one instead.
func (v *view) see(cfg Config) error {
	if v.Views = cfg.Views; len(cfg.Views) == 0 {
		return nil
	}
	if err := v.knowsViews(cfg.Views); err != nil {
		return err
	}
	v.giveViews()
	twice, missing, alike := rules["view_twice"], rules[ViewMissing], rules["views_alike"]
	if err := v.settle(twice, v.again, cfg.Rules.of(twice)); err != nil {
		return err
	}
	action := cfg.Rules.of(missing)
	if action == keep { // a sample of blank views alone is none
		if err := v.settle(missing, v.withoutViews(), drop); err != nil {
			return err
		}
	}
	if err := v.settle(missing, missing.find(v), action); err != nil {
		return err
	}
	if err := v.settle(alike, alike.find(v), cfg.Rules.of(alike)); err != nil {
		return err
	}
	if len(v.Cases.Cases) == 0 {
		return stage.Wrong{Path: "data.views", Err: stage.Fault{Err: errors.New("no sample has all of the views"), Hint: "name fewer, or write data.rules: {view_missing: keep}"}}
	}
	return nil
}

// giveViews gives each case the pictures of its views. What tags tell of a picture of its own
// is not what the sample is seen in.
func (v *view) giveViews() {
	made := map[*stage.Mark][]stage.Mark{nil: nil}
	own := ofPicture
	switch {
	case v.found.rowOf != nil:
		own = nil // its columns are those of the row
	case v.found.viewed:
		own = []string{ViewTag}
	}
	for i := range v.Cases.Cases {
		c := &v.Cases.Cases[i]
		if c.Views = v.ofLevel(c.Marks, made); v.found.rowOf != nil || v.found.viewed {
			v.inFront(c)
		}
		tags := maps.Clone(c.Tags)
		for _, tag := range own {
			delete(tags, tag)
		}
		c.Tags = v.tags.share(tags)
	}
}

// inFront puts the first of the views that are there in the place of the image.
func (*view) inFront(c *stage.Case) {
	for _, m := range c.Views {
		if !blank(m) {
			c.Image, c.Images, c.Series = m.Image, nil, m.Series
			return
		}
	}
}

// seenAs refuses views of samples that have none.
func (v *view) seenAs(cfg Config) error {
	sample := cfg.Sample
	if len(cfg.Views) == 0 {
		return nil
	}
	wrong := func(path, text, hint string) error {
		return stage.Wrong{Path: path, Err: stage.Fault{Err: errors.New(text), Hint: hint}}
	}
	switch {
	case v.found.rowOf != nil && sample != "point":
		return wrong("data.sample", "the views are images of a row, and so is the sample, no "+sample, "leave sample out")
	case v.found.rowOf != nil, sample == "study" && (v.found.viewed || len(v.found.Described) > 0):
	case v.found.viewed:
		return wrong("data.sample", "the images of a group are its views, and so is the sample, no "+sample, "write sample: study")
	case sample == "series" && len(v.found.Described) > 0:
		return wrong("data.views", "a series is seen in itself alone", "write sample: study for views that are types of series, or leave views out")
	case sample != "point" && sample != "level":
		return wrong("data.views", fmt.Sprintf("a %s has no level, whose labelled places the views are", sample), cmp.Or(v.found.viewsHint(), "write sample: level, or leave views out"))
	}
	return nil
}

// joinRows makes one case of those of the images of a row that are its views: its marks are
// the images that the rules left.
func (v *view) joinRows() {
	if v.found.rowOf == nil {
		return
	}
	marks := map[string][]stage.Mark{} // by sample
	of := func(c stage.Case) string { return cmp.Or(c.Sample, v.found.rowOf[c.ID]) }
	for _, c := range v.Cases.Cases {
		if !slices.ContainsFunc(marks[of(c)], func(m stage.Mark) bool { return m.Name == c.Picture.Name }) {
			marks[of(c)] = append(marks[of(c)], stage.Mark{Name: c.Picture.Name, Image: c.Image, Series: c.Series, Point: c.Point})
		}
	}
	var out []stage.Case
	joined := map[string]bool{}
	for _, c := range v.Cases.Cases {
		id := v.found.rowOf[c.ID]
		if joined[id] {
			continue
		}
		joined[id] = true
		c.Marks = marks[of(c)]
		c.ID, c.Point, c.Picture = id, nil, nil
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b stage.Case) int { return compareIDs(a.ID, b.ID) })
	v.Cases.Cases = out
}

// viewsMissing finds the cases that have fewer views than there should be.
func viewsMissing(v *view) (out []hit) {
	for _, c := range v.Cases.Cases {
		if at := slices.IndexFunc(c.Views, blank); at >= 0 {
			out = append(out, hit{id: c.ID, detail: c.ID + " has no " + v.Views[at]})
		}
	}
	return out
}

func blank(m stage.Mark) bool { return m.Image == "" }

// withoutViews finds the cases of which there is nothing to see.
func (v *view) withoutViews() (out []hit) {
	for _, c := range v.Cases.Cases {
		if !slices.ContainsFunc(c.Views, func(m stage.Mark) bool { return !blank(m) }) {
			out = append(out, hit{id: c.ID, detail: c.ID + " has no view at all"})
		}
	}
	return out
}

// viewsAlike finds the cases that see what others of another label see, and are asked the
// same.
func viewsAlike(v *view) (out []hit) {
	if len(v.Views) == 0 {
		return nil
	}
	type question struct {
		seen   string
		target int
	}
	asked := map[question][]stage.Case{}
	for _, c := range v.Cases.Cases {
		q := question{target: c.Target}
		for _, m := range c.Views {
			q.seen += m.Image + pointKey(stage.Case{Point: m.Point}) + "\x00"
		}
		asked[q] = append(asked[q], c)
	}
	for _, cases := range asked {
		if !slices.ContainsFunc(cases, func(c stage.Case) bool { return c.Label != cases[0].Label }) {
			continue
		}
		for _, c := range cases {
			out = append(out, hit{id: c.ID})
		}
	}
	return out
}

// ofLevel is marksOf, once for all cases of a level, which share their labelled places.
func (v *view) ofLevel(marks []stage.Mark, made map[*stage.Mark][]stage.Mark) []stage.Mark {
	var level *stage.Mark
	if len(marks) > 0 {
		level = &marks[0]
	}
	if _, known := made[level]; !known {
		made[level] = v.marksOf(marks)
	}
	return made[level]
}

// marksOf finds the views among the labelled places of a level; those that are not there
// are blank.
func (v *view) marksOf(marks []stage.Mark) (out []stage.Mark) {
	for _, name := range v.Views {
		out = append(out, v.mark(marks, name))
	}
	return out
}

// mark is where a view looks: among the labelled places of its name, or on series of its
// type, the slice with most of them, and the mean of those there.
func (v *view) mark(marks []stage.Mark, name string) stage.Mark {
	var on []stage.Case
	for _, m := range marks {
		if v.shows(m, name) {
			on = append(on, stage.Case{Image: m.Image, Series: m.Series, Point: m.Point, Spacing: m.Spacing})
		}
	}
	if len(on) == 0 {
		return stage.Mark{Name: name}
	}
	on = most(on, func(c stage.Case) string { return c.Image })
	series := on[0].Series
	return stage.Mark{Name: name, Image: on[0].Image, Series: series, Type: v.Series[series].Type, Point: meanPoint(on), Spacing: on[0].Spacing}
}

func (v *view) shows(m stage.Mark, name string) bool {
	return m.Name == name || v.Series[m.Series].Type == name
}

// knowsViews refuses names that no labelled place has, nor the type of its series, and a
// name that comes again: the same picture tells a net nothing new.
func (v *view) knowsViews(names []string) error {
	known := map[string]bool{}
	for _, name := range v.found.views {
		known[name] = true
	}
	for _, c := range v.Cases.Cases {
		for _, m := range c.Marks {
			known[m.Name], known[v.Series[m.Series].Type] = true, true
		}
	}
	delete(known, "")
	var out registry.Problems
	for i, name := range names {
		if slices.Contains(names[:i], name) {
			out = append(out, registry.Problem{Path: fmt.Sprintf("data.views.%d", i), Text: fmt.Sprintf("%q is named twice", name), Hint: "remove one of them"})
		}
		if !known[name] {
			text, hint := v.unknownView(name)
			out = append(out, registry.Problem{Path: fmt.Sprintf("data.views.%d", i), Text: text, Hint: cmp.Or(registry.Suggest(name, slices.Sorted(maps.Keys(known))), hint)})
		}
	}
	return out.Err()
}

// unknownView says that nothing is called as a view, and what to do where there are no views.
func (v *view) unknownView(name string) (text, hint string) {
	if v.found.rowOf != nil {
		return fmt.Sprintf("no image of a row is named %q", name), "data.source.table.images names them"
	}
	text, hint = fmt.Sprintf("no labelled place is named %q, nor the type of a series that has one", name), "cases have no labelled places with a level"
	if len(v.found.Described) > 0 && slices.Contains(rsnaConditions, name) {
		return fmt.Sprintf("%q is the place of a level, and the sample is a study", name), "name types of series, such as Axial T2, or write sample: level"
	}
	if v.found.viewed {
		return fmt.Sprintf("no image shows %q by data.source.table.view", name), hint
	}
	return text, cmp.Or(v.found.viewsHint(), hint)
}

// viewsHint says how a table tells views; "" of other sources.
func (f Found) viewsHint() string {
	if !f.table {
		return ""
	}
	return "where a row has several images, data.source.table.images names them; where each has a row, view is what it shows, with data.sample: study"
}

// PictureID names the picture of a view of a sample.
func PictureID(sample, view string) string { return sample + " (" + strings.TrimSpace(view) + ")" }

// Pictures gives a case for each picture that samples are made of, which has the sample's
// name and that of the view. A blank one needs no making.
func (c Cases) Pictures() Cases {
	c = c.Samples()
	if len(c.Views) == 0 {
		return c
	}
	var out []stage.Case
	for _, one := range c.Cases {
		for i, m := range one.Views {
			if blank(m) {
				continue
			}
			p := one
			p.ID, p.Image, p.Images, p.Series, p.Point, p.Spacing = PictureID(one.ID, c.Views[i]), m.Image, nil, m.Series, m.Point, m.Spacing
			p.Picture = &one.Views[i]
			out = append(out, p)
		}
	}
	c.Cases = out
	return c
}

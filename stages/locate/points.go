package locate

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// spot is a labelled place of one name.
type spot struct {
	image string
	point stage.Point // in pixels of the file
}

// scan is what a net looks at to find points: the slices of a series, or a single image.
type scan struct {
	key, group string
	body       string // whose points are chosen together: a patient's, or where nobody says what series show, those of one
	split      stage.Split
	slices     []string          // image files, in order
	names      []string          // what is looked for
	spots      map[string]spot   // where that is known to lie
	tags       map[string]string // of a case there
}

// pointTags are the tags that name points, where an experiment names none.
var pointTags = []string{"condition", "level"}

// unnamed is what points are called that have no tags to tell them apart.
const unnamed = "point"

// nameOf is what a point of a case is called: the values of the tags.
func (c Config) nameOf(tags map[string]string) string {
	names, words := c.Tags, []string(nil)
	if len(names) == 0 {
		names = pointTags
	}
	for _, tag := range names {
		if word := tags[tag]; word != "" {
			words = append(words, word)
		}
	}
	return cmp.Or(strings.Join(words, " "), unnamed)
}

// marksOf are the labelled places that a case knows of, by their names here. A sample of several
// points has no point of its own, but marks, which say their condition and are of its level.
func (c Config) marksOf(one stage.Case) (out []stage.Mark) {
	for _, m := range one.Marks {
		if m.Point != nil && len(c.Tags) == 0 {
			m.Name = strings.TrimSpace(m.Name + " " + one.Tags["level"])
			out = append(out, m)
		}
	}
	if out == nil && one.Point != nil {
		out = []stage.Mark{{Name: c.nameOf(one.Tags), Image: one.Image, Series: one.Series, Point: one.Point}}
	}
	return out
}

// scans puts the labelled points of cases on the series they lie in, in the order of their keys.
func (c Config) scans(cases audit.Cases) (out []scan, err error) {
	made := map[string]*scan{}
	for _, one := range cases.Cases {
		if one.Soft != nil {
			continue // of a pseudo-label, whose points other nets found
		}
		for _, m := range c.marksOf(one) {
			if err := scanOf(made, cases, one, m.Series, m.Image).add(m.Name, spot{m.Image, *m.Point}); err != nil {
				return nil, err
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(made)) {
		made[key].names = slices.Sorted(maps.Keys(made[key].spots))
		out = append(out, *made[key])
	}
	if len(out) == 0 {
		return nil, stage.Fault{Err: errors.New("no case has a point"), Hint: "leave locate out, or take a source whose table has columns x and y, or rsna with data.sample: point"}
	}
	return out, nil
}

// scanOf is the scan of an image; one that is in no series is a scan by itself.
func scanOf(made map[string]*scan, cases audit.Cases, one stage.Case, series, image string) *scan {
	key := cmp.Or(series, image)
	s := made[key]
	if s != nil {
		return s
	}
	known := cases.Series[series]
	s = &scan{key: key, group: one.Group, body: bodyOf(cases, one.Group, key), split: one.Split, slices: known.Slices(), spots: map[string]spot{}, tags: one.Tags}
	if !slices.Contains(s.slices, image) {
		s.slices = []string{image}
	}
	made[key] = s
	return s
}

// alone begins the body of a series, or an image, whose points are chosen without others.
const alone = "in "

// bodyOf is what the points of a series are chosen together with: those of all series of the
// patient, where it is known what they show.
func bodyOf(cases audit.Cases, group, key string) string {
	if cases.Series[key].Type == "" {
		return alone + key
	}
	return "of " + group
}

// add wants one place of each name.
func (s *scan) add(name string, at spot) error {
	if other, twice := s.spots[name]; twice && other != at {
		return stage.Wrong{Path: "locate.tags", Err: stage.Fault{
			Err:  fmt.Errorf("two points are called %q in %s: (%.4g, %.4g) of %s and (%.4g, %.4g) of %s", name, s.key, other.point.X, other.point.Y, other.image, at.point.X, at.point.Y, at.image),
			Hint: "name the tags that tell them apart; a case there has " + strings.Join(slices.Sorted(maps.Keys(s.tags)), ", "),
		}}
	}
	s.spots[name] = at
	return nil
}

// names are all that occur, sorted.
func names(scans []scan) []string {
	all := map[string]bool{}
	for _, s := range scans {
		for name := range s.spots {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}

// shown are the slices of a scan that a training sees: those with points, and for each so many
// others, evenly spread; all of those that measure it.
func (s scan) shown(elsewhere int) []string {
	if s.split != stage.Train {
		return s.slices
	}
	holds := map[string]bool{}
	for _, at := range s.spots {
		holds[at.image] = true
	}
	var others, out []string
	for _, path := range s.slices {
		if !holds[path] {
			others = append(others, path)
		}
	}
	wanted := min(elsewhere*len(holds), len(others))
	for i := range wanted {
		holds[others[(2*i+1)*len(others)/(2*wanted)]] = true
	}
	for _, path := range s.slices {
		if holds[path] {
			out = append(out, path)
		}
	}
	return out
}

// TagsOf gives the tags that a point of this name has; nil where the name does not tell them apart.
func (c Config) TagsOf(name string) map[string]string {
	words := []string{name}
	if len(c.Tags) > 1 {
		words = strings.Split(name, " ")
	}
	if len(c.Tags) == 0 || len(words) != len(c.Tags) {
		return nil
	}
	out := map[string]string{}
	for i, tag := range c.Tags {
		out[tag] = words[i]
	}
	return out
}

package reports

import (
	"cmp"
	"encoding/base64"
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/stage"
)

// Flips are the cases that one of a pair gets right and the other wrong.
type Flips struct {
	Between string // "B against A"
	A, B    string
	Classes []string
	// Tables count them: by class, and by the values of tags. A table's name is
	// that of its first column, its columns "fixed" and "broken" lead to pictures.
	Tables []stage.Table
	Cases  []Flipped
}

// Flipped is one such case. PNG is nil where no run stored a picture of it.
type Flipped struct {
	Case, Group string
	True, A, B  int       // classes: what it is, what A and B take it for
	InA, InB    []float64 // their probabilities
	Tags        map[string]string
	Fixed       bool // B is right
	PNG         []byte
}

// flips draws the galleries of a pair, then the tables that lead to them.
func (a *album) flips(f Flips, links map[string]string) (blocks []block) {
	a.classes = f.Classes
	var galleries []block
	for _, fixed := range []bool{true, false} {
		if !slices.ContainsFunc(f.Cases, func(c Flipped) bool { return c.Fixed == fixed }) {
			continue // the tables say that there is none
		}
		g := a.flipGallery(f, fixed)
		links[what(fixed)+f.Between] = "#" + g.ID
		galleries = append(galleries, block{Gallery: g})
	}
	for i, t := range f.Tables {
		if i > 0 && len(t.Rows) == 0 {
			continue
		}
		v := newTable(t)
		linkFlips(v, t, func(fixed bool) string { return links[what(fixed)+f.Between] })
		blocks = append(blocks, block{Table: v})
		if i == 0 {
			blocks = append(blocks, galleries...) // what most look at comes before the other tables
		}
	}
	return blocks
}

func what(fixed bool) string {
	if fixed {
		return "fixed"
	}
	return "broken"
}

// linkFlips makes the counts of fixed and broken cases lead to their pictures,
// filtered by what the row is about.
func linkFlips(v *tableView, t stage.Table, to func(fixed bool) string) {
	if len(t.Columns) == 0 {
		return
	}
	about := t.Columns[0]
	if about == "class" {
		about = "true"
	}
	for _, row := range v.Rows {
		for c, title := range t.Columns {
			if (title == "fixed" || title == "broken") && c < len(row) && row[c].Text != "0" {
				row[c].Link = to(title == "fixed")
				if row[0].Text != "all" && row[0].Text != "(none)" { // words of a picture say nothing of a tag that is not there
					row[c].Filter = words([]stage.Fact{{Name: about, Value: row[0].Text}})
				}
			}
		}
	}
}

// toldBeside is about how many bytes of a page tell what is known of a case beside its picture: of
// small pictures in many pairs that is most.
const toldBeside = 2000

// flipGallery shows those first whose probability of the truth changed most.
func (a *album) flipGallery(f Flips, fixed bool) *galleryView {
	list := slices.DeleteFunc(slices.Clone(f.Cases), func(c Flipped) bool { return c.Fixed != fixed })
	change := func(c Flipped) float64 { return c.InB[c.True] - c.InA[c.True] }
	slices.SortFunc(list, func(x, y Flipped) int {
		order := cmp.Compare(change(x), change(y))
		if fixed {
			order = -order
		}
		return cmp.Or(order, cmp.Compare(x.Case, y.Case))
	})
	a.made++
	v := &galleryView{ID: fmt.Sprintf("gallery-%d", a.made), Span: "wide",
		Title: fmt.Sprintf("%s by %s: %s", map[bool]string{true: "Fixed", false: "Broken"}[fixed], f.Between, plural(len(list), "case", "cases"))}
	left, without := 0, 0
	for _, c := range list {
		cost := base64.StdEncoding.EncodedLen(len(c.PNG)) + toldBeside
		switch {
		case c.PNG == nil:
			without++
		case cost > a.budget:
			left++
		default:
			a.budget -= cost
			v.Pictures = append(v.Pictures, a.flipped(f, c))
		}
	}
	if without > 0 {
		v.Note = fmt.Sprintf("no run stored a picture of %s", plural(without, "case", "cases"))
	}
	if left > 0 {
		v.Note += fmt.Sprintf(" %s left out to keep this file small", plural(left, "picture", "pictures"))
	}
	return v
}

func (a *album) flipped(f Flips, c Flipped) pictureView {
	v := a.picture(stage.Picture{PNG: c.PNG, Caption: fmt.Sprintf("%s%s%s, %s: %s, %s: %s", c.Case, captionMark, a.class(c.True), f.A, a.class(c.A), f.B, a.class(c.B))})
	v.Alt = inWords(v.Caption, stage.Prediction{CaseID: c.Case, Tags: c.Tags})
	v.Short = fmt.Sprintf("%s: %s %.2f → %s %.2f", a.class(c.True), a.class(c.A), c.InA[c.A], a.class(c.B), c.InB[c.B])
	v.Facts = []stage.Fact{{Name: "case", Value: c.Case}, {Name: "group", Value: c.Group}, {Name: "true", Value: a.class(c.True)},
		{Name: "before", Value: a.class(c.A)}, {Name: "now", Value: a.class(c.B)}}
	for _, tag := range slices.Sorted(maps.Keys(c.Tags)) {
		v.Facts = append(v.Facts, stage.Fact{Name: tag, Value: c.Tags[tag]})
	}
	v.Words = words(v.Facts)
	for _, side := range []struct {
		name string
		said int
		p    []float64
	}{{f.A, c.A, c.InA}, {f.B, c.B, c.InB}} {
		for _, one := range a.chances(stage.Prediction{Label: c.True, Probabilities: side.p}) {
			one.Class = side.name + ": " + one.Class
			v.Chances = append(v.Chances, one)
		}
	}
	return v
}

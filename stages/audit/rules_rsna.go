package audit

import (
	"fmt"
	"math"
	"slices"

	"vertebra/stages/stage"
)

// Rules on the RSNA collection's points; those of other sources have no
// condition, and so never break them.
func init() {
	addRule(Rule{ID: "series_without_description", Title: "series without description", Reason: "train_series_descriptions.csv does not name the series", Severity: warning, Do: keep,
		find: func(v *view) []hit {
			return v.each(func(c *stage.Case) (string, bool) {
				return "", c.Tags["condition"] != "" && c.Tags["series_type"] == ""
			})
		}})
	addRule(Rule{ID: "canal_not_on_t2", Title: "canal point on another series than T2", Reason: "points of the spinal canal belong on a sagittal T2 series", Severity: warning, Do: keep,
		find: func(v *view) []hit {
			return v.each(func(c *stage.Case) (string, bool) {
				kind := c.Tags["series_type"]
				return "", is(c, "spinal") && kind != "" && kind != rsnaTypes[1]
			})
		}})
	addRule(Rule{ID: "swapped_sides", Title: "left and right subarticular swapped", Reason: "in an axial image the patient's left is on the right: left.x must be the larger", Severity: warning, Do: keep,
		find: func(v *view) []hit {
			return v.pairs("subarticular", func(left, right *stage.Case) bool {
				return left.Series == right.Series && left.Point.X < right.Point.X
			})
		}})
	addRule(Rule{ID: "foraminal_on_one_slice", Title: "left and right foraminal on one slice", Reason: "a sagittal slice shows the foramina of one side only", Severity: warning, Do: keep,
		find: func(v *view) []hit {
			return v.pairs("foraminal", func(left, right *stage.Case) bool { return left.Image == right.Image })
		}})
	addRule(Rule{ID: "subarticular_in_two_series", Title: "left and right subarticular in different series", Reason: "both sides mostly share an axial series", Severity: info, Do: keep,
		find: func(v *view) []hit {
			return v.pairs("subarticular", func(left, right *stage.Case) bool { return left.Series != right.Series })
		}})
	addRule(Rule{ID: "subarticular_far_apart", Title: "left and right subarticular far apart", Reason: "they lie in one series, but more than two slices apart", Severity: info, Do: keep,
		find: func(v *view) []hit {
			return v.pairs("subarticular", func(left, right *stage.Case) bool {
				return left.Series == right.Series && math.Abs(float64(v.slice(left)-v.slice(right))) > 2
			})
		}})
	addRule(Rule{ID: "levels_out_of_order", Title: "levels out of order", Reason: "on a sagittal slice a lower level must lie below a higher one: a level may be named wrongly", Severity: warning, Do: keep,
		find: levelsOutOfOrder})
	addRule(Rule{ID: "conflicting_labels", Title: "conflicting labels on one image", Reason: "who sees the whole image alone cannot tell these cases apart: crop around the point", Severity: info, Do: keep,
		Asked: "nets that see the whole image alone cannot tell these cases apart",
		find: func(v *view) []hit {
			return v.each(func(c *stage.Case) (string, bool) {
				return "", !v.together && slices.ContainsFunc(v.on(c.Image), func(o *stage.Case) bool { return o.Label != c.Label })
			})
		}})
}

// pairs makes hits of the left cases, named with their right ones, that
// something is wrong with.
func (v *view) pairs(condition string, wrong func(left, right *stage.Case) bool) []hit {
	var out []hit
	for i, right := range v.others() {
		if left := &v.Cases.Cases[i]; right != nil && is(left, condition) && wrong(left, right) {
			out = append(out, hit{id: left.ID})
		}
	}
	return out
}

// slice is the index of a case's image among the files of its series.
func (v *view) slice(c *stage.Case) int {
	return slices.IndexFunc(v.Series[c.Series].Files, func(f File) bool { return f.Path == c.Image })
}

// levelsOutOfOrder compares the points of one condition on one sagittal series.
func levelsOutOfOrder(v *view) []hit {
	type column struct{ series, condition string }
	columns := map[column]*[5]*stage.Case{} // by level, as rsnaLevels are
	at := func(c *stage.Case) int {
		if c.Point == nil || is(c, "subarticular") {
			return -1
		}
		return slices.Index(rsnaLevels, c.Tags["level"])
	}
	for i := range v.Cases.Cases {
		c := &v.Cases.Cases[i]
		if level := at(c); level >= 0 {
			key := column{c.Series, c.Tags["condition"]}
			if columns[key] == nil {
				columns[key] = &[5]*stage.Case{}
			}
			columns[key][level] = c
		}
	}
	return v.each(func(c *stage.Case) (string, bool) {
		level := at(c)
		if level < 0 {
			return "", false
		}
		for _, below := range columns[column{c.Series, c.Tags["condition"]}][level+1:] {
			if below != nil && below.Point.Y <= c.Point.Y {
				return fmt.Sprintf("%s lies above %s", below.ID, c.ID), true
			}
		}
		return "", false
	})
}

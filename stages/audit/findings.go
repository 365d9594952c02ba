package audit

import (
	"strings"

	"vertebra/stages/stage"
)

// rule is something that looks wrong in a case that is kept all the same.
type rule struct {
	name, severity, reason string
	broken                 func(v view, c stage.Case) bool
}

// rules are applied to every case, in this order.
var rules = []rule{
	{
		"series without description", "warning", "train_series_descriptions.csv does not name the series",
		func(_ view, c stage.Case) bool { return c.Tags["series_type"] == "" },
	},
	{
		"canal point on another series than T2", "warning", "points of the spinal canal belong on a sagittal T2 series",
		func(_ view, c stage.Case) bool {
			return is(c, "spinal") && c.Tags["series_type"] != "" && c.Tags["series_type"] != "Sagittal T2/STIR"
		},
	},
	{
		"left and right subarticular swapped", "warning", "in an axial image the patient's left is on the right: left.x must be the larger",
		func(v view, c stage.Case) bool {
			o, ok := v.otherSide(c)
			return ok && is(c, "subarticular") && o.Series == c.Series && c.Point.X < o.Point.X
		},
	},
	{
		"left and right foraminal on one slice", "warning", "a sagittal slice shows the foramina of one side only",
		func(v view, c stage.Case) bool {
			o, ok := v.otherSide(c)
			return ok && is(c, "foraminal") && o.Image == c.Image
		},
	},
	{
		"left and right subarticular in different series", "info", "both sides mostly share an axial series",
		func(v view, c stage.Case) bool {
			o, ok := v.otherSide(c)
			return ok && is(c, "subarticular") && o.Series != c.Series
		},
	},
	{
		"conflicting labels on one image", "info", "who sees the whole image alone cannot tell these cases apart: crop around the point",
		func(v view, c stage.Case) bool { return len(v.labels[c.Image]) > 1 },
	},
}

func is(c stage.Case, condition string) bool { return strings.Contains(c.Tags["condition"], condition) }

// view is all cases, for rules over more than one.
type view struct {
	byID   map[string]stage.Case
	labels map[string]map[int]int // image -> label -> cases
}

func newView(cases []stage.Case) view {
	v := view{map[string]stage.Case{}, map[string]map[int]int{}}
	for _, c := range cases {
		v.byID[c.ID] = c
		if v.labels[c.Image] == nil {
			v.labels[c.Image] = map[int]int{}
		}
		v.labels[c.Image][c.Label]++
	}
	return v
}

// otherSide gives the right case of a left one, where both have points.
func (v view) otherSide(c stage.Case) (stage.Case, bool) {
	id := strings.Replace(c.ID, "_left_", "_right_", 1)
	o, ok := v.byID[id]
	return o, ok && id != c.ID && c.Point != nil && o.Point != nil
}

// findings applies every rule to every case.
func findings(cases []stage.Case) []Dropped {
	v := newView(cases)
	var out []Dropped
	for _, r := range rules {
		d := Dropped{Rule: r.name, Severity: r.severity, Done: "kept", Reason: r.reason}
		for _, c := range cases {
			if r.broken(v, c) {
				d.IDs = append(d.IDs, c.ID)
			}
		}
		if len(d.IDs) > 0 {
			out = append(out, d)
		}
	}
	return out
}

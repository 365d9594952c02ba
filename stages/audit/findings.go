package audit

import (
	"strings"

	"vertebra/stages/stage"
)

// finding is a rule about cases that are kept all the same.
type finding struct {
	rule, reason string
	find         func(pairs map[string]stage.Case, c stage.Case) bool
}

// pairs are looked up by ID; other is the same row of the other side.
func other(all map[string]stage.Case, c stage.Case) (stage.Case, bool) {
	id := strings.Replace(c.ID, "_left_", "_right_", 1)
	if id == c.ID {
		return stage.Case{}, false
	}
	o, ok := all[id]
	return o, ok
}

func is(c stage.Case, condition string) bool { return strings.Contains(c.Tags["condition"], condition) }

var rules = []finding{
	{
		"canal point on another series than T2", "points of the spinal canal belong on a sagittal T2 series",
		func(_ map[string]stage.Case, c stage.Case) bool {
			return is(c, "spinal") && c.Tags["series_type"] != "Sagittal T2/STIR"
		},
	},
	{
		"left and right subarticular swapped", "on an axial image the patient's left is to the right: left.x must be larger",
		func(all map[string]stage.Case, c stage.Case) bool {
			o, ok := other(all, c)
			return ok && is(c, "subarticular") && o.Image == c.Image && c.Point.X < o.Point.X
		},
	},
	{
		"left and right foraminal on one slice", "a sagittal slice shows one side only",
		func(all map[string]stage.Case, c stage.Case) bool {
			o, ok := other(all, c)
			return ok && is(c, "foraminal") && o.Image == c.Image
		},
	},
	{
		"left and right subarticular in different series", "both sides usually share an axial series",
		func(all map[string]stage.Case, c stage.Case) bool {
			o, ok := other(all, c)
			return ok && is(c, "subarticular") && o.Series != c.Series
		},
	},
}

// findings applies every rule to every case.
func findings(cases []stage.Case) []Dropped {
	all := map[string]stage.Case{}
	for _, c := range cases {
		all[c.ID] = c
	}
	var out []Dropped
	for _, r := range rules {
		d := Dropped{Rule: r.rule, Done: "kept", Reason: r.reason}
		for _, c := range cases {
			if r.find(all, c) {
				d.IDs = append(d.IDs, c.ID)
			}
		}
		if len(d.IDs) > 0 {
			out = append(out, d)
		}
	}
	return out
}

// sharing tells how far labels go beyond what a whole image can know.
type sharing struct {
	Images      int     // distinct image files
	Shared      float64 // share of cases whose image has another case
	Conflicting float64 // share of cases on images with several labels
	Ceiling     float64 // accuracy of the best guess from the image alone
}

func share(cases []stage.Case) sharing {
	labels := map[string]map[int]int{}
	for _, c := range cases {
		if labels[c.Image] == nil {
			labels[c.Image] = map[int]int{}
		}
		labels[c.Image][c.Label]++
	}
	s := sharing{Images: len(labels)}
	n := float64(len(cases))
	for _, counts := range labels {
		total, most := 0, 0
		for _, k := range counts {
			total, most = total+k, max(most, k)
		}
		if total > 1 {
			s.Shared += float64(total) / n
		}
		if len(counts) > 1 {
			s.Conflicting += float64(total) / n
		}
		s.Ceiling += float64(most) / n
	}
	return s
}

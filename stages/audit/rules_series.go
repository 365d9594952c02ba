package audit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// Rules on the slices of a series, by their headers.
func init() {
	addRule(Rule{ID: "missing_slice", Title: "unreadable slice in a series", Reason: "steps that need whole series work without it", Severity: warning, Do: keep, Unit: "series",
		find: func(v *view) []hit {
			return v.eachSeries(func(series string) (string, bool) {
				for _, f := range v.Series[series].Files {
					if err := v.heads[f.Path].Err; err != "" {
						return err, true
					}
				}
				return "", false
			})
		}})
	addRule(Rule{ID: "mixed_sizes", Title: "slices of several sizes in a series", Reason: "slices cannot be stacked before they are resized", Severity: warning, Do: keep, Unit: "series",
		find: func(v *view) []hit {
			return v.eachSeries(func(series string) (string, bool) {
				return v.variants(series, func(a, b *head) bool { return a.Columns == b.Columns && a.Rows == b.Rows },
					func(h *head) string { return fmt.Sprintf("%d×%d", h.Columns, h.Rows) })
			})
		}})
	addRule(Rule{ID: "mixed_spacing", Title: "slices of several pixel spacings in a series", Reason: "one millimetre is not the same number of pixels in all of them", Severity: info, Do: keep, Unit: "series",
		find: func(v *view) []hit {
			return v.eachSeries(func(series string) (string, bool) {
				return v.variants(series, func(a, b *head) bool { return near(a.PixelSpacing, b.PixelSpacing) },
					func(h *head) string { return fmt.Sprintf("%.3g", h.PixelSpacing) })
			})
		}})
	addRule(Rule{ID: "several_orientations", Title: "several orientations in a series", Reason: "the series holds more than one stack; slices are ordered within each", Severity: warning, Do: keep, Unit: "series",
		find: func(v *view) []hit {
			return v.eachSeries(func(series string) (string, bool) {
				n := len(v.stacksOf(series))
				if n < 2 {
					return "", false
				}
				return fmt.Sprintf("%s has %d stacks", series, n), true
			})
		}})
	addRule(Rule{ID: "several_uids", Title: "several SeriesInstanceUIDs in a series", Reason: "files of different series lie in one folder", Severity: warning, Do: keep, Unit: "series",
		find: func(v *view) []hit {
			return v.eachSeries(func(series string) (string, bool) {
				return v.variants(series, func(a, b *head) bool { return a.SeriesUID == b.SeriesUID }, func(h *head) string { return h.SeriesUID })
			})
		}})
	addRule(Rule{ID: "gap_in_slices", Title: "gap in the slices", Reason: "two neighbours lie further apart than 1.5 times the usual distance", Severity: info, Do: keep, Unit: "series",
		find: func(v *view) []hit { return v.eachSeries(v.gaps) }})
	addRule(Rule{ID: "repeated_slices", Title: "slices at the same place", Reason: "a series holds a position twice, such as an acquisition repeated", Severity: warning, Do: keep, Unit: "series",
		find: func(v *view) []hit { return v.eachSeries(v.repeats) }})
	addRule(Rule{ID: "no_slice_position", Title: "no slice position", Reason: "ImagePositionPatient is absent, so slices are ordered by instance number", Severity: warning, Do: keep, Unit: "series",
		find: func(v *view) []hit {
			return v.eachSeries(func(series string) (string, bool) {
				_, heads := v.slicesOf(series)
				return "", slices.ContainsFunc(heads, func(h *head) bool { return h.Format == "dicom" && h.Position == nil })
			})
		}})
	addRule(Rule{ID: "no_slice_spacing", Title: "no SpacingBetweenSlices", Reason: "some file of the series lacks it; distances come from the positions", Severity: info, Do: keep, Unit: "series",
		find: func(v *view) []hit {
			return v.eachSeries(func(series string) (string, bool) {
				_, heads := v.slicesOf(series)
				return "", slices.ContainsFunc(heads, func(h *head) bool { return h.Format == "dicom" && !h.SliceSpacing })
			})
		}})
	addRule(Rule{ID: "odd_instances", Title: "odd instance numbers", Reason: "they begin beyond the number of slices: they are names, no indices", Severity: info, Do: keep, Unit: "series",
		find: func(v *view) []hit { return v.eachSeries(v.oddInstances) }})
}

// variants says which values a property takes in a series, when it is more than
// one.
func (v *view) variants(series string, same func(a, b *head) bool, show func(*head) string) (string, bool) {
	_, heads := v.slicesOf(series)
	if len(heads) == 0 || !slices.ContainsFunc(heads, func(h *head) bool { return !same(heads[0], h) }) {
		return "", false
	}
	seen := map[string]bool{}
	for _, h := range heads {
		seen[show(h)] = true
	}
	values := slices.Sorted(maps.Keys(seen))
	return series + " has " + strings.Join(values[:min(4, len(values))], ", "), true
}

// near lets the last of about four digits differ.
func near(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) <= 1e-3*math.Abs(x) })
}

// gaps passes over axial series of the spine: their slices lie about the discs.
func (v *view) gaps(series string) (string, bool) {
	if v.Series[series].Type == rsnaTypes[2] {
		return "", false
	}
	for _, s := range v.stacksOf(series) {
		if len(s.Gaps) > 0 {
			return fmt.Sprintf("%s has %d, with a usual distance of %.2f mm", series, len(s.Gaps), s.Spacing), true
		}
	}
	return "", false
}

func (v *view) repeats(series string) (string, bool) {
	for _, s := range v.stacksOf(series) {
		if len(s.Repeats) > 0 {
			return fmt.Sprintf("%s has %d", series, len(s.Repeats)), true
		}
	}
	return "", false
}

func (v *view) oddInstances(series string) (string, bool) {
	files := v.Series[series].Files
	if len(files) == 0 {
		return "", false
	}
	low, high := files[0].Instance, files[0].Instance
	for _, f := range files {
		low, high = min(low, f.Instance), max(high, f.Instance)
	}
	if low <= max(len(files), 10) {
		return "", false
	}
	return fmt.Sprintf("%s has %d to %d, %d files", series, low, high, len(files)), true
}

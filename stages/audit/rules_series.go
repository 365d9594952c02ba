package audit

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"vertebra/stages/internal/headers"
)

// Rules on the slices of a series, by their headers.
func init() {
	seriesRule("missing_slice", warning, "unreadable slice in a series", "steps that need whole series work without it", (*view).unreadable)
	seriesRule("mixed_sizes", warning, "slices of several sizes in a series", "slices cannot be stacked before they are resized", func(v *view, series string) (string, bool) {
		return v.variants(series, func(a, b *headers.Header) bool { return a.Columns == b.Columns && a.Rows == b.Rows },
			func(h *headers.Header) string { return fmt.Sprintf("%d×%d", h.Columns, h.Rows) })
	})
	seriesRule("mixed_spacing", info, "slices of several pixel spacings in a series", "one millimetre is not the same number of pixels in all of them", func(v *view, series string) (string, bool) {
		return v.variants(series, func(a, b *headers.Header) bool { return near(a.PixelSpacing, b.PixelSpacing) },
			func(h *headers.Header) string { return fmt.Sprintf("%.3g", h.PixelSpacing) })
	})
	seriesRule("several_orientations", warning, "several orientations in a series", "the series holds more than one stack; slices are ordered within each", func(v *view, series string) (string, bool) {
		n := len(v.stacksOf(series))
		return fmt.Sprintf("%s has %d stacks", series, n), n > 1
	})
	seriesRule("several_uids", warning, "several SeriesInstanceUIDs in a series", "files of different series lie in one folder", func(v *view, series string) (string, bool) {
		return v.variants(series, func(a, b *headers.Header) bool { return a.SeriesUID == b.SeriesUID }, func(h *headers.Header) string { return h.SeriesUID })
	})
	seriesRule("gap_in_slices", info, "gap in the slices", "two neighbours lie further apart than 1.5 times the usual distance", (*view).gaps)
	seriesRule("repeated_slices", warning, "slices at the same place", "a series holds a position twice, such as an acquisition repeated", (*view).repeats)
	seriesRule("no_slice_position", warning, "no slice position", "ImagePositionPatient is absent, so slices are ordered by instance number", func(v *view, series string) (string, bool) {
		return "", v.someDICOM(series, func(h *headers.Header) bool { return h.Position == nil })
	})
	seriesRule("no_slice_spacing", info, "no SpacingBetweenSlices", "some file of the series lacks it; distances come from the positions", func(v *view, series string) (string, bool) {
		return "", v.someDICOM(series, func(h *headers.Header) bool { return !h.SliceSpacing })
	})
	seriesRule("odd_instances", info, "odd instance numbers", "they begin beyond the number of slices: they are names, no indices", (*view).oddInstances)
}

// seriesRule adds a rule that keeps the series that it finds something wrong with.
func seriesRule(id, severity, title, reason string, wrong func(v *view, series string) (detail string, broken bool)) {
	addRule(Rule{ID: id, Title: title, Reason: reason, Severity: severity, Do: keep, Unit: "series", find: func(v *view) []hit {
		return v.eachSeries(func(series string) (string, bool) { return wrong(v, series) })
	}})
}

// unreadable gives the error of the first file that cannot be read.
func (v *view) unreadable(series string) (string, bool) {
	for _, f := range v.Series[series].Files {
		if err := v.heads[f.Path].Err; err != "" {
			return err, true
		}
	}
	return "", false
}

// someDICOM says whether a DICOM file of the series is so.
func (v *view) someDICOM(series string, is func(*headers.Header) bool) bool {
	_, heads := v.slicesOf(series)
	return slices.ContainsFunc(heads, func(h *headers.Header) bool { return h.Format == "dicom" && is(h) })
}

// variants says which values a property takes in a series, when it is more than
// one.
func (v *view) variants(series string, same func(a, b *headers.Header) bool, show func(*headers.Header) string) (string, bool) {
	_, heads := v.slicesOf(series)
	if len(heads) == 0 || !slices.ContainsFunc(heads, func(h *headers.Header) bool { return !same(heads[0], h) }) {
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

package audit

import (
	"maps"
	"slices"
	"strings"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/stage"
)

// view is all that rules may look at.
type view struct {
	Cases
	found Found
	heads headers
	looks map[string]look // of images, by path; only in a pixel pass

	byID     map[string]stage.Case
	byImage  map[string][]stage.Case
	bySeries map[string][]stage.Case
	scans    map[string]scan
	list     []dicom.Header // memory for scan

	images    []string                // the sorted keys of byImage, once they are asked for
	using     map[string][]stage.Case // by each of their images
	nearPairs *[][]string             // once they are known
}

func newView(c Cases, found Found, heads headers) *view {
	v := &view{Cases: c, found: found, heads: heads, scans: map[string]scan{}}
	v.index()
	return v
}

func (v *view) index() {
	n := len(v.Cases.Cases)
	v.images = nil
	v.using = make(map[string][]stage.Case, n)
	v.byID, v.byImage, v.bySeries = make(map[string]stage.Case, n), make(map[string][]stage.Case, n), make(map[string][]stage.Case, len(v.Series))
	for _, c := range v.Cases.Cases {
		v.byID[c.ID] = c
		v.byImage[c.Image] = append(v.byImage[c.Image], c)
		for _, path := range allImages(c) {
			v.using[path] = append(v.using[path], c)
		}
		if c.Series != "" {
			v.bySeries[c.Series] = append(v.bySeries[c.Series], c)
		}
	}
}

// remove takes cases out.
func (v *view) remove(ids []string) {
	gone := map[string]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	v.Cases.Cases = slices.DeleteFunc(v.Cases.Cases, func(c stage.Case) bool { return gone[c.ID] })
	v.index()
}

// usedSeries lists the series that the source found cases on, sorted.
func (v *view) usedSeries() []string { return slices.Sorted(maps.Keys(v.Series)) }

// usedImages lists the images that hold cases, sorted.
func (v *view) usedImages() []string {
	if v.images == nil {
		v.images = slices.Sorted(maps.Keys(v.byImage))
	}
	return v.images
}

// rowsOf lists the cases of a series.
func (v *view) rowsOf(series string) []string { return idsOfCases(v.bySeries[series]) }

func idsOfCases(cases []stage.Case) []string {
	ids := make([]string, len(cases))
	for i, c := range cases {
		ids[i] = c.ID
	}
	return ids
}

// scan is what a series' readable files are: the files, their headers, and the
// stacks that they make up, whose indices are those of the files.
type scan struct {
	files  []File
	heads  []*head
	stacks []dicom.Stack
}

// slicesOf gives the readable files of a series with their headers.
func (v *view) slicesOf(series string) ([]File, []*head) {
	s := v.scan(series)
	return s.files, s.heads
}

// stacksOf sorts the readable files of a series into stacks; their indices are
// those of slicesOf.
func (v *view) stacksOf(series string) []dicom.Stack { return v.scan(series).stacks }

func (v *view) scan(series string) scan {
	if s, ok := v.scans[series]; ok {
		return s
	}
	var s scan
	list := v.list[:0]
	for _, f := range v.Series[series].Files {
		if h := v.heads[f.Path]; h.Err == "" {
			s.files, s.heads = append(s.files, f), append(s.heads, h)
			list = append(list, dicom.Header{Position: h.Position, Orientation: h.Orientation, InstanceNumber: h.Instance})
		}
	}
	s.stacks = dicom.Stacks(list)
	v.scans[series], v.list = s, list
	return s
}

func is(c stage.Case, condition string) bool { return strings.Contains(c.Tags["condition"], condition) }

// otherSide gives the right case of a left one, where both have points.
func (v *view) otherSide(c stage.Case) (stage.Case, bool) {
	id := strings.Replace(c.ID, "_left_", "_right_", 1)
	o, ok := v.byID[id]
	return o, ok && id != c.ID && c.Point != nil && o.Point != nil
}

// each makes hits of the cases that something is wrong with; wrong says what, ""
// for a sound one.
func (v *view) each(wrong func(c stage.Case) (detail string, broken bool)) []hit {
	var out []hit
	for _, c := range v.Cases.Cases {
		if detail, broken := wrong(c); broken {
			out = append(out, hit{id: c.ID, detail: detail})
		}
	}
	return out
}

// eachSeries makes hits of the used series that something is wrong with.
func (v *view) eachSeries(wrong func(series string) (detail string, broken bool)) []hit {
	var out []hit
	for _, series := range v.usedSeries() {
		if detail, broken := wrong(series); broken {
			out = append(out, hit{id: series, rows: v.rowsOf(series), detail: detail})
		}
	}
	return out
}

package audit

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/headers"
	"vertebra/stages/internal/lookalike"
	"vertebra/stages/internal/parallel"
	"vertebra/stages/stage"
)

// view is all that rules may look at.
type view struct {
	Cases
	found Found
	looks map[string]lookalike.Look // of images, by path; only in a pixel pass
	using map[string][]stage.Case   // by each of their images; only there

	twice    map[string]bool // images of a view that the study has another of
	again    []hit           // what is to be told of them
	together bool            // a net answers all labels of a sample: see data.label
	asked    bool            // nothing is trained on the data: nets are asked about them
	tags     tagSets
	names    map[string][]string // the words that make each target's name

	series []string // the keys of Series, sorted
	scans  map[string]scan

	// What is made of the cases once it is asked for.
	byImage   map[string][]*stage.Case
	images    []string // the sorted keys of byImage
	bySeries  map[string][]*stage.Case
	opposite  []*stage.Case // by case; see others
	nearPairs *[][]string
}

func newView(c Cases, found Found, heads headers.ByPath) *view {
	c.heads, c.root = heads, found.Root
	found.Cases = nil // c has them; those of samples take their place
	return &view{tags: tagSets{}, Cases: c, found: found, series: slices.Sorted(maps.Keys(c.Series)), scans: make(map[string]scan, len(c.Series)), names: map[string][]string{}, twice: map[string]bool{}}
}

// changed forgets what was made of other cases.
func (v *view) changed() {
	v.byImage, v.images, v.bySeries, v.opposite = nil, nil, nil, nil
}

// remove takes cases out.
func (v *view) remove(ids []string) {
	gone := map[string]bool{}
	for _, id := range ids {
		gone[id] = true
	}
	v.Cases.Cases = slices.DeleteFunc(v.Cases.Cases, func(c stage.Case) bool { return gone[c.ID] })
	v.changed()
}

// group gives the cases of each name.
func (v *view) group(name func(*stage.Case) string) map[string][]*stage.Case {
	out := make(map[string][]*stage.Case, len(v.Cases.Cases)/2)
	for i := range v.Cases.Cases {
		c := &v.Cases.Cases[i]
		key := name(c)
		out[key] = append(out[key], c)
	}
	return out
}

// on gives the cases on an image.
func (v *view) on(image string) []*stage.Case {
	if v.byImage == nil {
		v.byImage = v.group(func(c *stage.Case) string { return c.Image })
	}
	return v.byImage[image]
}

// usedImages lists the images that hold cases, sorted.
func (v *view) usedImages() []string {
	if v.images == nil {
		v.on("")
		v.images = slices.Sorted(maps.Keys(v.byImage))
	}
	return v.images
}

// rowsOf lists the cases of a series.
func (v *view) rowsOf(series string) []string {
	if v.bySeries == nil {
		v.bySeries = v.group(func(c *stage.Case) string { return c.Series })
	}
	return idsOf(v.bySeries[series])
}

func idsOf(cases []*stage.Case) []string {
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
	heads  []*headers.Header
	stacks []dicom.Stack
}

// slicesOf gives the readable files of a series with their headers.
func (v *view) slicesOf(series string) ([]File, []*headers.Header) {
	s := v.scans[series]
	return s.files, s.heads
}

// stacksOf sorts the readable files of a series into stacks; their indices are
// those of slicesOf.
func (v *view) stacksOf(series string) []dicom.Stack { return v.scans[series].stacks }

// scan looks at every series with all workers.
func (v *view) scan(ctx context.Context, env stage.Env) error {
	scans := make([]scan, len(v.series))
	err := parallel.Each(ctx, env, stage.Progress{Stage: "audit", Label: "series", Total: len(scans), Unit: "series"}, func(i int) { scans[i] = v.scanOf(v.Series[v.series[i]]) })
	for i, key := range v.series {
		v.scans[key] = scans[i]
	}
	return err
}

// lists are memory for scanOf: a header is large.
var lists = sync.Pool{New: func() any { return new([]dicom.Header) }}

func (v *view) scanOf(series Series) scan {
	s := scan{files: make([]File, 0, len(series.Files)), heads: make([]*headers.Header, 0, len(series.Files))}
	memory := lists.Get().(*[]dicom.Header)
	defer lists.Put(memory)
	list := (*memory)[:0]
	for _, f := range series.Files {
		if h := v.heads[f.Path]; h.Err == "" {
			s.files, s.heads = append(s.files, f), append(s.heads, h)
			list = append(list, dicom.Header{Position: h.Position, Orientation: h.Orientation, InstanceNumber: h.Instance})
		}
	}
	s.stacks, *memory = dicom.Stacks(list), list
	return s
}

func is(c *stage.Case, condition string) bool {
	return strings.Contains(c.Tags["condition"], condition)
}

// others gives for each left case the right one, where both have points, and nil for
// all other cases.
func (v *view) others() []*stage.Case {
	if v.opposite != nil {
		return v.opposite
	}
	right := map[string]*stage.Case{}
	for i := range v.Cases.Cases {
		if c := &v.Cases.Cases[i]; c.Point != nil && strings.Contains(c.ID, "_right_") {
			right[c.ID] = c
		}
	}
	v.opposite = make([]*stage.Case, len(v.Cases.Cases))
	for i, c := range v.Cases.Cases {
		if c.Point != nil && strings.Contains(c.ID, "_left_") {
			v.opposite[i] = right[strings.Replace(c.ID, "_left_", "_right_", 1)]
		}
	}
	return v.opposite
}

// each makes hits of the cases that something is wrong with; wrong says what, ""
// for a sound one.
func (v *view) each(wrong func(c *stage.Case) (detail string, broken bool)) []hit {
	var out []hit
	for i := range v.Cases.Cases {
		c := &v.Cases.Cases[i]
		if detail, broken := wrong(c); broken {
			out = append(out, hit{id: c.ID, detail: detail})
		}
	}
	return out
}

// eachSeries makes hits of the used series that something is wrong with.
func (v *view) eachSeries(wrong func(series string) (detail string, broken bool)) []hit {
	var out []hit
	for _, series := range v.series {
		if detail, broken := wrong(series); broken {
			out = append(out, hit{id: series, rows: v.rowsOf(series), detail: detail})
		}
	}
	return out
}

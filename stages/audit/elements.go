package audit

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/headers"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// elements make tags of what DICOM files say of themselves, such as the scanner's maker.
type elements []string

// check wants keywords that are known.
func (e elements) check() error {
	known := dicom.Keywords()
	var out registry.Problems
	for i, keyword := range e {
		if !slices.Contains(known, keyword) {
			out = append(out, registry.Problem{Path: fmt.Sprintf("data.headers.%d", i), Text: fmt.Sprintf("no element %q is read as a tag", keyword), Hint: registry.Suggest(keyword, known)})
		}
	}
	return out.Err()
}

// tag gives the cases those tags of their image. A tag of that name that the source gave
// stays where it says something.
func (e elements) tag(cases []stage.Case, heads headers.ByPath) {
	sets := tagSets{}
	for i, c := range cases {
		h := heads[c.Image]
		if len(e) == 0 || h == nil {
			continue
		}
		tags := map[string]string{}
		for _, keyword := range e {
			tags[keyword] = valueOf(keyword, h.Said.Says(keyword))
		}
		for name, value := range c.Tags {
			tags[name] = cmp.Or(value, tags[name])
		}
		cases[i].Tags = sets.share(tags)
	}
}

// silent refuses an element that no image has.
func (e elements) silent(cases []stage.Case) error {
	for i, keyword := range e {
		if !slices.ContainsFunc(cases, func(c stage.Case) bool { return c.Tags[keyword] != "" }) {
			return stage.Wrong{Path: fmt.Sprintf("data.headers.%d", i), Err: stage.Fault{Err: errors.New("no image says " + keyword), Hint: "leave it out; only DICOM files have elements, and anonymisation removes some"}}
		}
	}
	return nil
}

// columns leaves out those that no table has to have.
func (e elements) columns(wanted []wantedColumn) []wantedColumn {
	return slices.DeleteFunc(wanted, func(c wantedColumn) bool { return slices.Contains(e, c.name) })
}

// valueOf makes a number of years of an age such as 054Y (PS3.5, 6.2, AS), and leaves others.
func valueOf(keyword, value string) string {
	if keyword != "PatientAge" || len(value) < 2 {
		return value
	}
	n, err := strconv.Atoi(value[:len(value)-1])
	perYear, known := map[byte]float64{'Y': 1, 'M': 12, 'W': 365.25 / 7, 'D': 365.25}[value[len(value)-1]]
	if err != nil || !known || n < 0 {
		return value
	}
	return strconv.FormatFloat(float64(n)/perYear, 'g', 4, 64)
}

package audit

import (
	"fmt"
	"sort"
	"strings"

	"vertebra/stages/stage"
)

// leak is the outcome of the leak check.
type leak struct {
	fact     string
	findings []Dropped
}

// checkLeaks makes sure that no study and no image file is in two splits: that
// would be a mistake of ours. A patient in two splits may be what the experiment
// asks for, so it is a finding.
func checkLeaks(cases []stage.Case, patients map[string]string) (leak, error) {
	studies, images, people := map[string]stage.Split{}, map[string]stage.Split{}, map[string]stage.Split{}
	torn := map[string]bool{}
	for _, c := range cases {
		if other, ok := split(studies, c.Group, c); ok {
			return leak{}, fmt.Errorf("leak: study %s is in the %s and the %s split", c.Group, other, c.Split)
		}
		if other, ok := split(images, c.Image, c); ok {
			return leak{}, fmt.Errorf("leak: image %s is in the %s and the %s split", c.Image, other, c.Split)
		}
		if id := patients[c.Group]; id != "" {
			if _, ok := split(people, id, c); ok {
				torn[id] = true
			}
		}
	}
	out := leak{fact: "no study and no image file is in two splits; no patient by the files' PatientID"}
	if patients == nil {
		out.fact = "no study and no image file is in two splits; the files' PatientID tells no patients apart"
	}
	if len(torn) > 0 {
		out.patients(cases, patients, torn)
	}
	return out, nil
}

func (l *leak) patients(cases []stage.Case, patients map[string]string, torn map[string]bool) {
	d := Dropped{Rule: "patient in two splits", Severity: "warning", Done: "kept", Reason: "studies of one PatientID are on both sides of the split: set data.split.by to patient"}
	for _, c := range cases {
		if torn[patients[c.Group]] {
			d.IDs = append(d.IDs, c.ID)
		}
	}
	l.findings = append(l.findings, d)
	var ids []string
	for id := range torn {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	l.fact = fmt.Sprintf("no study and no image file is in two splits, but %d patients are: %s", len(ids), examples(ids))
}

// split gives the split that a key was in before, when it is another.
func split(seen map[string]stage.Split, key string, c stage.Case) (stage.Split, bool) {
	old, ok := seen[key]
	seen[key] = c.Split
	return old, ok && old != c.Split
}

// examples shows the first few ids.
func examples(ids []string) string {
	text := strings.Join(ids[:min(3, len(ids))], ", ")
	if len(ids) > 3 {
		text += ", …"
	}
	return text
}

package audit

import (
	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// patientsOf maps each study to its PatientID, the smallest if it has several.
// It is nil when the files tell nothing: no ids, or one for all studies, as some
// ways of taking names away leave behind.
func patientsOf(heads headers.ByPath, cases []stage.Case) map[string]string {
	out, ids := map[string]string{}, map[string]bool{}
	for _, c := range cases {
		id := patientOf(heads, c)
		if old, known := out[c.Group]; id != "" && (!known || id < old) {
			out[c.Group] = id
		}
	}
	for _, id := range out {
		ids[id] = true
	}
	if len(ids) == 0 || len(ids) == 1 && len(out) > 1 {
		return nil
	}
	return out
}

// patientOf is the PatientID of a case's image; "" when the file has none.
func patientOf(heads headers.ByPath, c stage.Case) string {
	if one := heads[c.Image]; one != nil {
		return one.PatientID
	}
	return ""
}

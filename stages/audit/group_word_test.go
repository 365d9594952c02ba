package audit

import "testing"

func TestGroupsOf(t *testing.T) {
	t.Parallel()
	for column, want := range map[string]string{
		"patient": "patients", "PatientID": "patients", "patient_id": "patients", "Subject": "subjects", "study": "studies", "study_id": "studies",
		"day": "days", "series": "series", "StudyInstanceUID": "groups", "id": "groups", "ID": "groups", "": "groups", "größe": "groups", "col 7": "groups",
	} {
		if got := groupsOf(column); got != want {
			t.Errorf("%q: got %s, want %s", column, got, want)
		}
	}
	if got := (Cases{}).GroupsAre(); got != "groups" {
		t.Errorf("without a word: got %s", got)
	}
}

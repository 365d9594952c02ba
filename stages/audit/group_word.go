package audit

import (
	"regexp"
	"strings"
)

// anyGroups is what the groups of a source are called that does not say.
const anyGroups = "groups"

// groupColumnWord is a column that is named by one word, such as patient, Subject,
// patient_id or PatientID.
var groupColumnWord = regexp.MustCompile(`^([A-Z]?[a-z]+?)(?:[_ -](?:id|ID)|I[dD])?$`)

// groupsOf names the groups that a column makes, in the plural: "patients" for PatientID;
// groups, where the column's name is none for people.
func groupsOf(column string) string {
	m := groupColumnWord.FindStringSubmatch(column)
	if m == nil {
		return anyGroups
	}
	word := strings.ToLower(m[1])
	switch stem, y := strings.CutSuffix(word, "y"); {
	case len(word) < 3:
		return anyGroups
	case y && !strings.ContainsAny(stem[len(stem)-1:], "aeiou"):
		return stem + "ies"
	case strings.HasSuffix(word, "s"):
		return word
	}
	return word + "s"
}

// GroupsAre is what the source's groups are called, in the plural: studies, patients.
func (c Cases) GroupsAre() string {
	if c.groups == "" {
		return anyGroups
	}
	return c.groups
}

// oneGroup is what one of the source's groups is called: study, patient.
func (c Cases) oneGroup() string {
	word := c.GroupsAre()
	if stem, many := strings.CutSuffix(word, "ies"); many {
		return stem + "y"
	}
	return strings.TrimSuffix(word, "s")
}

// called is what a study is called for people: a group, where the source has no studies.
func (c Cases) called(what string) string {
	if what == "study" && c.GroupsAre() != "studies" {
		return "group"
	}
	return what
}

package audit

import (
	"strings"

	"vertebra/stages/internal/naming"
)

// GroupsAre is what the source's groups are called, in the plural: studies, patients.
func (c Cases) GroupsAre() string {
	if c.groups == "" {
		return naming.AnyGroups
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

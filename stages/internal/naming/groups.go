// Package naming knows what people call things in data sets: the columns of patients, the words for
// splits, the files of one person, and a first line that is no header.
package naming

import (
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/internal/table"
)

// groupNames are what columns are called that say whose or of what an image is, what is likeliest
// first.
var groupNames = []*regexp.Regexp{namedAs("patient|pid"), namedAs("subject|person|participant|case"), namedAs("study|exam|examination"), regexp.MustCompile(`(?i)lesion_?id`)}

// namedAs finds columns that are called by a word for somebody or something, and maybe for
// its number: Patient ID, patient_id, TCIA Patient ID; not Patient Age.
func namedAs(word string) *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(.*[^a-z])?(` + word + `)s?([ _.-]?(id|no|nr|num|number|name|code|key|uid|instance[ _]?uid))?$`)
}

// IsGroup says whether a column is called as those are that say whose or of what an image is.
func IsGroup(column string) bool { return called(groupNames, column) }

// IsPerson says whether a column is called as those are that say whose an image is.
func IsPerson(column string) bool { return called(groupNames[:2], column) }

func called(names []*regexp.Regexp, column string) bool {
	return slices.ContainsFunc(names, func(name *regexp.Regexp) bool { return name.MatchString(column) })
}

// GroupColumn is the column that seems to say whose an image is; "" where there is none. That
// of images, and one that tells all rows apart, is none.
func GroupColumn(t table.Sheet, image string) (found string) {
	for _, name := range slices.Backward(groupNames) {
		if at := slices.IndexFunc(t.Columns, func(c string) bool { return c != image && name.MatchString(c) && t.Repeats(c) }); at >= 0 {
			found = t.Columns[at]
		}
	}
	return found
}

// AnyGroups is what the groups of a source are called that does not say.
const AnyGroups = "groups"

// groupColumnWord is a column that is named by one word, such as patient, Subject,
// patient_id or PatientID.
var groupColumnWord = regexp.MustCompile(`^([A-Z]?[a-z]+?)(?:[_ -](?:id|ID)|I[dD])?$`)

// Groups names the groups that a column makes, in the plural: "patients" for PatientID;
// groups, where the column's name is none for people.
func Groups(column string) string {
	m := groupColumnWord.FindStringSubmatch(column)
	if m == nil {
		return AnyGroups
	}
	word := strings.ToLower(m[1])
	switch stem, y := strings.CutSuffix(word, "y"); {
	case len(word) < 3:
		return AnyGroups
	case y && !strings.ContainsAny(stem[len(stem)-1:], "aeiou"):
		return stem + "ies"
	case strings.HasSuffix(word, "s"):
		return word
	}
	return word + "s"
}

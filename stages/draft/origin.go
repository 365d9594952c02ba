package draft

import (
	"regexp"
	"slices"

	"vertebra/stages/internal/table"
)

// ofOrigin finds columns that say where, how and when an image was taken, of whom, who read it, and
// in which part of the data it is: what is told of a result, and what a net seldom is to say. A
// word may stand behind others, and before id, name or the like: imaging_site, Scanner Model.
var ofOrigin = regexp.MustCompile(`(?i)^(.*[^a-z])?(` +
	`site|cent(er|re)|hospital|institut(e|ion)|clinic|facility|department|ward|country|city|` +
	`scanner|manufacturer|vendor|device|machine|camera|equipment|model|tesla|(field[ _]?)?strength|coil|kernel|protocol|` +
	`modality|sequence|plane|orientation|projection|view([ _]?position)?|position|laterality|side|eye|quality|` +
	`date|year|month|visit|session|time([ _]?point)?|wave|` +
	`sex|gender|age|race|ethnicity|handedness|smok(er|ing)|bmi|` +
	`reader|rater|annotator|` +
	`k?[ _]?fold|split|(data[ _]?|sub)?set|partition|part|usage|cohort|source|database|batch|(is[ _]?)?(train(ing)?|test(ing)?|val(id)?(ation)?)` +
	`)s?([ _.-]?(id|no|nr|num|number|name|code|key|type|model|group|category|band))?$`)

// notOfOrigin leaves out columns that say where images come from, unless there are no others.
func notOfOrigin(columns []string) []string {
	if left := slices.DeleteFunc(slices.Clone(columns), ofOrigin.MatchString); len(left) > 0 {
		return left
	}
	return columns
}

// dated is a day, and maybe a time of it.
var dated = regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9:.]+)?$`)

// dates says whether a column holds days, of which no result is told.
func dates(t table.Sheet, column string) bool {
	return !slices.ContainsFunc(t.Rows, func(r table.Row) bool {
		cell := r.Cell(column)
		return cell != "" && !dated.MatchString(cell) && !slices.Contains(missingWords(), cell)
	})
}

package audit

import (
	"fmt"
	"regexp"
	"strings"

	"vertebra/stages/stage"
)

// nameGroup is the group that file names seem to give: what stands before the last
// separator that a number follows, such as p00 of p00_1.png.
const nameGroup = `^(.+)[_.-][0-9]+(\.[A-Za-z]+)?$`

var namesOfGroups = regexp.MustCompile(nameGroup)

// personsIn find whose an image is in its name or path, the surest first: the identifiers of
// BIDS and of large archives (ADNI, OASIS, TCIA), a word with a number, and one of two sides.
// Of each the first group is the person.
var personsIn = []*regexp.Regexp{
	regexp.MustCompile(`(?:^|/)(sub-[A-Za-z0-9]+)(?:[_/.]|$)`),
	regexp.MustCompile(`([0-9]{3}_S_[0-9]{4,5}|OAS[0-9]_[0-9]{4}|TCGA-[0-9A-Z]{2}-[0-9A-Z]{4}|LIDC-IDRI-[0-9]{4})`),
	regexp.MustCompile(`(?i)((?:patient|subject|person|pat|sub|case)[-_ ]?[0-9]+)`),
	regexp.MustCompile(`(?i)^(.+)[-_ ](?:left|right|l|r|od|os)(?:\.[a-z]+)?$`),
}

func init() {
	addRule(Rule{ID: "unused_names", Title: "file names that look like several images of one person", Severity: warning, Do: keep,
		Reason: "images of one person may be on both sides of a split, and scores too good for it: if they are, write group in data.source.folders",
		Asked:  "images of one person may count as if they were of several, and intervals be too narrow for it: if they are, write group in data.source.folders",
		find:   unusedNames})
}

// unusedNames finds files of folders, each by itself, whose names say of whom they are, or
// most of which begin as that of another. A counter makes names that begin alike too
// (img_001.png, or normal_001.png in the folder normal): there are no more beginnings then
// than classes, and but a few.
func unusedNames(v *view) (out []hit) {
	if !v.found.ungrouped {
		return nil
	}
	splits := map[string]bool{}
	var alone []*stage.Case
	var names []string
	for i := range v.Cases.Cases {
		c := &v.Cases.Cases[i]
		if splits[c.Tags[SplitTag]] = true; c.Group == c.ID {
			alone, names = append(alone, c), append(names, belowClass(c.ID, v.Classes[c.Label]))
		}
	}
	expression := personOfNames(names, len(v.Classes)*len(splits))
	if expression == nil {
		return nil
	}
	times, _, _ := timesIn(names, expression)
	for i, c := range alone {
		m := expression.FindStringSubmatch(names[i])
		if m == nil || times[m[1]] < 2 {
			continue
		}
		how := "are called"
		if expression == namesOfGroups {
			how = "begin with"
		}
		out = append(out, hit{id: c.ID, detail: fmt.Sprintf("%d files %s %s; group: '%s'", times[m[1]], how, m[1], expression)})
	}
	return out
}

// personOfNames is the expression by which names of files tell persons apart, of whom some
// have several; nil where none does. folders is how many there are of classes, in each of
// which a counter makes names that begin alike.
func personOfNames(names []string, folders int) *regexp.Regexp {
	for _, one := range personsIn {
		times, matched, again := timesIn(names, one)
		most := 10*matched >= 9*len(names) || 4*again >= len(names) // of one class of several, too
		if most && len(times) > max(2, folders) && again > 0 {
			return one
		}
	}
	if begunAlike(names, folders) {
		return namesOfGroups
	}
	return nil
}

// timesIn counts what the first group of an expression finds in names, how many have it, and
// how many of these share it with another.
func timesIn(names []string, expression *regexp.Regexp) (times map[string]int, matched, again int) {
	times = map[string]int{}
	for _, name := range names {
		if m := expression.FindStringSubmatch(name); m != nil {
			times[m[1]]++
			matched++
		}
	}
	for _, n := range times {
		if n > 1 {
			again += n
		}
	}
	return times, matched, again
}

// begunAlike says whether most names begin as that of another, and with more beginnings than
// counters in each of the folders make.
func begunAlike(names []string, folders int) bool {
	times, _, again := timesIn(names, namesOfGroups)
	repeated := 0
	for _, n := range times {
		if n > 1 {
			repeated++
		}
	}
	return 2*again > len(names) && repeated > max(2, folders)
}

// belowClass is what of an id stands below the folder of its class.
func belowClass(id, class string) string {
	if strings.HasPrefix(id, class+"/") {
		return id[len(class)+1:]
	}
	if _, rest, found := strings.Cut(id, "/"+class+"/"); found {
		return rest
	}
	return id
}

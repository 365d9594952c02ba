package naming

import "regexp"

// nameGroup is the group that file names seem to give: what stands before the last
// separator that a number follows, such as p00 of p00_1.png.
const nameGroup = `^(.+)[_.-][0-9]+(\.[A-Za-z]+)?$`

var Beginnings = regexp.MustCompile(nameGroup)

// Persons find whose an image is in its name or path, the surest first: the identifiers of
// BIDS and of large archives (ADNI, OASIS, TCIA), a word with a number, and one of two sides.
// Of each the first group is the person.
var Persons = []*regexp.Regexp{
	regexp.MustCompile(`(?:^|/)(sub-[A-Za-z0-9]+)(?:[_/.]|$)`),
	regexp.MustCompile(`([0-9]{3}_S_[0-9]{4,5}|OAS[0-9]_[0-9]{4}|TCGA-[0-9A-Z]{2}-[0-9A-Z]{4}|LIDC-IDRI-[0-9]{4})`),
	regexp.MustCompile(`(?i)((?:patient|subject|person|pat|sub|case)[-_ ]?[0-9]+)`),
	regexp.MustCompile(`(?i)^(.+)[-_ ](?:left|right|l|r|od|os)(?:\.[a-z]+)?$`),
}

// PersonOf is the expression by which names of files tell persons apart, of whom some
// have several; nil where none does. folders is how many there are of classes, in each of
// which a counter makes names that begin alike.
func PersonOf(names []string, folders int) *regexp.Regexp {
	for _, one := range Persons {
		times, matched, again := Times(names, one)
		most := 10*matched >= 9*len(names) || 4*again >= len(names) // of one class of several, too
		if most && len(times) > max(2, folders) && again > 0 {
			return one
		}
	}
	if begunAlike(names, folders) {
		return Beginnings
	}
	return nil
}

// Times counts what the first group of an expression finds in names, how many have it, and
// how many of these share it with another.
func Times(names []string, expression *regexp.Regexp) (times map[string]int, matched, again int) {
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
	times, _, again := Times(names, Beginnings)
	repeated := 0
	for _, n := range times {
		if n > 1 {
			repeated++
		}
	}
	return 2*again > len(names) && repeated > max(2, folders)
}

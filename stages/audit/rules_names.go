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

func init() {
	addRule(Rule{ID: "unused_names", Title: "file names that look like several images of one person", Severity: warning, Do: keep,
		Reason: "images of one person may be on both sides of a split, and scores too good for it: if they are, write group: '" + nameGroup + "' in data.source.folders",
		find:   unusedNames})
}

// unusedNames finds files of folders, each by itself, most of whose names begin as that of
// another. A counter makes names that begin alike too (img_001.png, or normal_001.png in
// the folder normal): there are no more beginnings then than classes, and but a few.
func unusedNames(v *view) (out []hit) {
	if !v.found.ungrouped {
		return nil
	}
	begun, splits := map[string][]*stage.Case{}, map[string]bool{}
	var order, names []string
	for i := range v.Cases.Cases {
		c := &v.Cases.Cases[i]
		if splits[c.Tags[SplitTag]] = true; c.Group != c.ID {
			continue
		}
		name := belowClass(c.ID, v.Classes[c.Label])
		names = append(names, name)
		m := namesOfGroups.FindStringSubmatch(name)
		if m == nil {
			continue
		}
		if begun[m[1]] == nil {
			order = append(order, m[1])
		}
		begun[m[1]] = append(begun[m[1]], c)
	}
	if !begunAlike(names, len(v.Classes)*len(splits)) {
		return nil
	}
	for _, name := range order {
		if len(begun[name]) < 2 {
			continue
		}
		detail := fmt.Sprintf("%d files begin with %s", len(begun[name]), name)
		for _, c := range begun[name] {
			out = append(out, hit{id: c.ID, detail: detail})
		}
	}
	return out
}

// begunAlike says whether most names begin as that of another, and with more beginnings than
// counters in each of the folders make.
func begunAlike(names []string, folders int) bool {
	begun := map[string]int{}
	for _, name := range names {
		if m := namesOfGroups.FindStringSubmatch(name); m != nil {
			begun[m[1]]++
		}
	}
	alike, repeated := 0, 0
	for _, n := range begun {
		if n > 1 {
			alike, repeated = alike+n, repeated+1
		}
	}
	return 2*alike > len(names) && repeated > max(2, folders)
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

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
	begun := map[string][]*stage.Case{}
	var order []string
	for i := range v.Cases.Cases {
		c := &v.Cases.Cases[i]
		m := namesOfGroups.FindStringSubmatch(belowClass(c.ID, v.Classes[c.Label]))
		if c.Group != c.ID || m == nil {
			continue
		}
		if begun[m[1]] == nil {
			order = append(order, m[1])
		}
		begun[m[1]] = append(begun[m[1]], c)
	}
	repeated := 0
	for _, name := range order {
		if len(begun[name]) < 2 {
			continue
		}
		repeated++
		detail := fmt.Sprintf("%d files begin with %s", len(begun[name]), name)
		for _, c := range begun[name] {
			out = append(out, hit{id: c.ID, detail: detail})
		}
	}
	if 2*len(out) <= len(v.Cases.Cases) || repeated <= max(2, len(v.Classes)) {
		return nil
	}
	return out
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

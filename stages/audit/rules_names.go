package audit

import (
	"fmt"
	"strings"

	"vertebra/stages/internal/naming"
	"vertebra/stages/stage"
)

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
	expression := naming.PersonOf(names, len(v.Classes)*len(splits))
	if expression == nil {
		return nil
	}
	times, _, _ := naming.Times(names, expression)
	for i, c := range alone {
		m := expression.FindStringSubmatch(names[i])
		if m == nil || times[m[1]] < 2 {
			continue
		}
		how := "are called"
		if expression == naming.Beginnings {
			how = "begin with"
		}
		out = append(out, hit{id: c.ID, detail: fmt.Sprintf("%d files %s %s; group: '%s'", times[m[1]], how, m[1], expression)})
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

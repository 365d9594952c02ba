package pack

import (
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vertebra/experiments"
	"vertebra/results"
	"vertebra/stages/audit"
	"vertebra/stages/evaluate"
	"vertebra/stages/packages"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// nameGuard looks into what people wrote, and a package says, for names of cases and studies and
// for folders of this machine. It knows the cases that were predicted and those that the
// experiment names; training cases are not stored.
type nameGuard struct {
	names   map[string]bool
	folders map[string]bool
	texts   map[string]string // by the place in the package
}

// shortestName is the fewest characters of a name that is looked for: shorter ones are
// words of other things as well.
const shortestName = 4

// day begins the id of a run, and is no name.
var day = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}-`)

func newNameGuard(dir string) nameGuard {
	g := nameGuard{names: map[string]bool{}, folders: map[string]bool{}, texts: map[string]string{}}
	g.folder(dir)
	return g
}

func (g nameGuard) name(names ...string) {
	for _, name := range names {
		if len(name) >= shortestName {
			g.names[name] = true
		}
	}
}

func (g nameGuard) folder(path string) {
	if filepath.IsAbs(path) && filepath.Dir(path) != path {
		g.folders[path] = true
	}
}

// learnRun learns the names of the predicted cases.
func (g nameGuard) learnRun(r *results.RunRecord) {
	for _, p := range r.Predictions {
		g.name(p.CaseID, p.Group)
	}
}

// learnExperiment learns what the experiment names: cases to be dropped, and where files are.
func (g nameGuard) learnExperiment(e experiments.Experiment) {
	for _, w := range []audit.Wanted{e.Data.Drop, e.Data.Keep} {
		g.name(slices.Concat(w.Studies, w.Series, w.Rows)...)
	}
	registry.MapPaths(e, func(_ string, p registry.Path, _ bool) registry.Path {
		g.folder(string(p))
		return p
	})
}

// says notes texts of a part of the package.
func (g nameGuard) says(part string, texts map[string]string) {
	for place, text := range texts {
		g.texts[part+": "+place] = day.ReplaceAllString(text, "")
	}
}

// check refuses a package that would name one.
func (g nameGuard) check(m packages.Manifest) error {
	for _, r := range append([]packages.Run{m.Run}, m.Members...) {
		texts := map[string]string{"id": r.ID, "name": r.Name}
		for _, fact := range []string{evaluate.ClassesFact, audit.TargetsFact} {
			texts[fact] = strings.Join(namesOf(r, fact), "\n")
		}
		texts[audit.CovariatesFact] = r.Fact(audit.CovariatesFact)
		for _, n := range r.Numbers {
			texts["number "+n.Series+" "+n.Name] = n.Series + "\n" + n.Name + "\n" + n.Title
		}
		g.says("run "+r.ID, texts)
	}
	g.keep(strings.Join(slices.Collect(maps.Values(g.texts)), "\n"))
	for _, place := range slices.Sorted(maps.Keys(g.texts)) {
		if name := g.named(g.texts[place], true); name != "" {
			what := "a case or a study of the run's data"
			if g.folders[name] {
				what = "a folder of this machine"
			}
			return stage.Fault{Err: fmt.Errorf("no package is written: %s says %q, which is %s", place, name, what),
				Hint: "whoever gets a package must not learn who is in the data: train with an experiment that does not say it"}
		}
	}
	return nil
}

// keep forgets names that are nowhere in all texts: there may be as many as cases.
func (g nameGuard) keep(text string) {
	maps.DeleteFunc(g.names, func(name string, _ bool) bool { return !strings.Contains(text, name) })
}

// named gives what a text names; "" where that is nothing. With sure, names without a digit,
// which may be words, do not count.
func (g nameGuard) named(text string, sure bool) string {
	var found []string
	for folder := range g.folders {
		if strings.Contains(text, folder) {
			found = append(found, folder)
		}
	}
	for name := range g.names {
		if strings.Contains(text, name) && (!sure || strings.ContainsAny(name, "0123456789")) && standsAlone(text, name) {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return ""
	}
	return slices.Min(found)
}

// standsAlone says whether a name is in a text and not only a part of other words.
func standsAlone(text, name string) bool {
	part := func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }
	for at := 0; ; {
		i := strings.Index(text[at:], name)
		if i < 0 {
			return false
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(name):])
		if !part(before) && !part(after) {
			return true
		}
		at++
	}
}

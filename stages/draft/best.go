package draft

import (
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/internal/files"
	"vertebra/stages/internal/table"
)

// most bytes of a table that is looked at without being named, and how many of them.
const (
	mostTable  = 200 << 20
	mostTables = 24
)

// tablesNear lists tables of a folder and of the folders in it.
func tablesNear(root string) []string {
	out := table.In(root)
	names, _ := files.Folders(root) // what cannot be read has none
	for _, name := range names[:min(len(names), mostTables)] {
		out = append(out, table.In(filepath.Join(root, name))...)
	}
	out = slices.DeleteFunc(out, func(path string) bool {
		info, err := os.Stat(path)
		return err != nil || info.Size() > mostTable
	})
	return out[:min(len(out), mostTables)]
}

// best reads the tables of a folder, and takes the one that says most of images: whose
// labels are called so, and which has most rows.
func (g guesser) best(root string) (best Guess, ok bool) {
	most := math.Inf(-1)
	var read []string
	for _, path := range tablesNear(root) {
		one, err := g.table(path)
		if err != nil {
			continue
		}
		read = append(read, path)
		if worth := one.worth(); worth > most {
			best, most = one, worth
		}
	}
	if most == math.Inf(-1) {
		return Guess{}, false
	}
	t := best.Source.Part.(audit.Table)
	for _, path := range read {
		if held := slices.ContainsFunc(registryPaths(t), func(p string) bool { return p == path }); !held {
			best.Tables = append(best.Tables, path)
		}
	}
	return best, true
}

// registryPaths are the files that a table is read from.
func registryPaths(t audit.Table) []string {
	out := []string{string(t.File)}
	for _, path := range t.HeldOut {
		out = append(out, string(path))
	}
	for _, j := range t.Join {
		out = append(out, string(j.File))
	}
	return out
}

var (
	forTraining = regexp.MustCompile(`(?i)(^|[^a-z])train(ing)?([^a-z]|$)|train`)
	forOthers   = regexp.MustCompile(`(?i)(^|[^a-z])(test(ing)?|val(id)?(ation)?|sample|submission|bbox|dev)([^a-z]|$)`)
)

// worth says how likely a table is the one that a person would name.
func (g Guess) worth() float64 {
	t := g.Source.Part.(audit.Table)
	name := filepath.Base(string(t.File))
	out := math.Log10(float64(1 + g.rows))
	for _, one := range []struct {
		is bool
		by float64
	}{
		{forTraining.MatchString(name), 1}, {!forTraining.MatchString(name) && forOthers.MatchString(name), -2},
		{calledAsLabels(t.Labels) >= 0 || len(t.Labels) > 1, 2}, {len(t.Labels) == 1 && ofOrigin.MatchString(t.Labels[0]), -1}, {g.Split != "" || g.Lists != nil, 0.5}, {t.Repeated != "", -0.5},
	} {
		if one.is {
			out += one.by
		}
	}
	return out
}

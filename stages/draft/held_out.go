package draft

import (
	"path/filepath"
	"regexp"
	"strings"

	"vertebra/stages/internal/files"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
)

// heldOutWords are what tables are called that are not for training.
var heldOutWords = []struct {
	split string
	words []string
}{{"test", []string{"test", "testing"}}, {"validation", []string{"validation", "valid", "val", "dev"}}}

// heldOut finds tables of the same columns that are called as this one, but for a word such
// as test in place of train. It gives rows of them besides.
func (t tableDraft) heldOut(rows table.Sheet) (found map[string]registry.Path, tried []table.Row) {
	found = map[string]registry.Path{}
	for _, one := range heldOutWords {
		for _, other := range renamed(string(t.File), one.words) {
			more, err := readFile(other, t.Columns)
			if err == nil && sameColumns(more, rows) {
				found[one.split] = registry.Path(other)
				tried = append(tried, table.Spread(more.Rows, places.Tried/2)...)
				break
			}
		}
	}
	return found, tried
}

// renamed gives the paths with one of the words where a file, and maybe its folder, says train.
func renamed(path string, words []string) (out []string) {
	folder, name := filepath.Split(path)
	above, last := filepath.Split(strings.TrimSuffix(folder, string(filepath.Separator)))
	for _, word := range words {
		for _, train := range []string{"training", "train"} {
			for _, as := range []func(string) string{strings.ToLower, title, strings.ToUpper} {
				if strings.Contains(name, as(train)) {
					inPlace := strings.NewReplacer(as(train), as(word))
					out = append(out, filepath.Join(above, inPlace.Replace(last), inPlace.Replace(name)))
				}
			}
		}
	}
	return out
}

func title(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// sameColumns says whether a table has the columns of another; that of readers may lack.
func sameColumns(a, b table.Sheet) bool {
	missing := 0
	for _, name := range b.Columns {
		if !a.Has(name) {
			missing++
		}
	}
	return missing == 0 || missing == 1 && len(b.Columns) > 3
}

// lists finds text files that name images of a split.
func (t tableDraft) lists(rows table.Sheet) (out map[string]string) {
	names := map[string]bool{}
	for _, r := range rows.Rows {
		cell := r.Cell(places.Columns(t.Image)[0])
		names[cell], names[files.Stem(cell)] = true, true
	}
	for _, path := range table.In(filepath.Dir(string(t.File))) {
		name := filepath.Base(path)
		split := ""
		switch {
		case path == string(t.File) || filepath.Ext(name) == ".csv":
		case forTraining.MatchString(name):
			split = "train"
		case regexp.MustCompile(`(?i)val`).MatchString(name):
			split = "validation"
		case regexp.MustCompile(`(?i)test`).MatchString(name):
			split = "test"
		}
		if split == "" || out[split] != "" {
			continue
		}
		if listed, err := table.Names(path); err == nil && names[filepath.Base(listed[len(listed)/2])] {
			if out == nil {
				out = map[string]string{}
			}
			out[split] = path
		}
	}
	return out
}

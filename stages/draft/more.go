package draft

import (
	"maps"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/internal/files"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
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

// more joins tables beside that say whose the images are, of which split, or their labels,
// where this one does not.
func (t *tableDraft) more(rows *table.Sheet, held map[string]registry.Path) {
	dir := filepath.Dir(string(t.File))
	near := tablesNear(dir)
	if len(near) < 2 {
		near = append(near, tablesNear(filepath.Dir(dir))...)
	}
	for _, path := range near {
		if len(t.Join) == 3 || path == string(t.File) || slices.Contains(slices.Collect(maps.Values(held)), registry.Path(path)) {
			continue
		}
		if one, other, ok := t.partner(*rows, path); ok && t.lacks(*rows, other) {
			if len(one.Theirs) > 0 { // its ids have lost their zeros
				short := audit.Extract{From: one.Theirs[0], Match: table.WithoutZeros}
				t.extracts(rows, one.On[0], short)
			}
			alone, err := rows.Join(one.On, table.Keyed{Sheet: other, Keys: one.Keys(), Name: path})
			if err == nil && len(alone) < len(rows.Rows) {
				t.Join = append(t.Join, one)
			}
		}
	}
}

// keyName is what columns are called that tell rows apart.
var keyName = regexp.MustCompile(`(?i)(id|uid|number|image|name|key)$`)

// seriesName is what the column of the series is called.
var seriesName = regexp.MustCompile(`(?i)^series([ _]?instance)?([ _]?u?id)?$`)

// series finds the column of series, and how many images most of them have; "" where each
// has one.
func (t tableDraft) series(rows table.Sheet) (column string, size int) {
	at := slices.IndexFunc(rows.Columns, seriesName.MatchString)
	if at < 0 || t.Images != nil || places.IsPattern(t.Image) || t.Image == rows.Columns[at] {
		return "", 0
	}
	counts := map[string]int{}
	for _, r := range rows.Rows {
		counts[r.Cell(rows.Columns[at])]++
	}
	sizes := slices.Sorted(maps.Values(counts))
	if size = sizes[len(sizes)/2]; size < 2 {
		return "", 0
	}
	return rows.Columns[at], size
}

// partner reads a table that might be joined, by the first column that both have whose
// values tell its rows apart and cover those of this one, maybe without the zeros that these
// begin with: on is a column then that has to be extracted.
func (t tableDraft) partner(rows table.Sheet, path string) (audit.Join, table.Sheet, bool) {
	more, err := readFile(path, nil)
	if err != nil {
		return audit.Join{}, more, false
	}
	for _, column := range rows.Columns {
		one := audit.Join{File: registry.Path(path), On: []string{column}}
		if !more.Has(column) || len(more.Columns) < 2 {
			continue
		}
		partners, err := table.Keyed{Sheet: more, Keys: one.On, Name: path}.ByKey(more.Columns)
		met := 0
		for _, r := range rows.Rows {
			key, _ := table.Key(r, one.On)
			if _, known := partners[key]; known {
				met++
			}
		}
		key := len(partners) > naming.MostClasses || len(partners) > 2 && keyName.MatchString(column)
		if err == nil && key && 5*met >= 4*len(rows.Rows) {
			return one, more, true
		}
		if met := rows.LostZeros(column, more, column); err == nil && key && 5*met >= 4*len(rows.Rows) {
			return audit.Join{File: one.File, On: []string{"short_" + column}, Theirs: one.On}, more, !rows.Has("short_" + column)
		}
	}
	return audit.Join{}, more, false
}

// lacks says whether another table has what this one lacks: labels, groups, or a split. Where
// this one says nothing but what its files are, any column of few values may be labels.
func (t tableDraft) lacks(rows, more table.Sheet) bool {
	image := places.Columns(t.Image)
	fewOf := func(t table.Sheet) []string {
		return slices.DeleteFunc(columnsOfFew(t, image), func(name string) bool { return ofFile(name) || ofOrigin.MatchString(name) })
	}
	labels := func(t table.Sheet) bool {
		return calledAsLabels(fewOf(t)) >= 0 || len(sayYes(t, missingWords(), image)) > 1
	}
	return !labels(rows) && labels(more) || len(fewOf(rows)) == 0 && len(fewOf(more)) > 0 || naming.GroupColumn(rows, places.OnlyColumn(t.Image)) == "" && naming.GroupColumn(more, places.OnlyColumn(t.Image)) != "" ||
		splitColumn(rows) == "" && splitColumn(more) != ""
}

// sayYes lists columns whose cells say yes or no, and maybe −1 for nobody knows.
func sayYes(t table.Sheet, missing, not []string) (out []string) {
	for _, name := range t.Columns {
		yes, other := 0, 0
		for _, r := range t.Rows {
			switch cell := r.Cell(name); {
			case naming.SaysYes(cell):
				yes++
			case cell == "" || slices.Contains(missing, cell) || table.Number(cell) == "-1" || slices.Contains([]string{"0", "no", "false", "n", "f"}, strings.ToLower(table.Number(cell))):
				other++
			default:
				other = -len(t.Rows) - 1
			}
		}
		if yes > 0 && other > 0 && !slices.Contains(not, name) {
			out = append(out, name)
		}
	}
	return out
}

// oneOf says whether of columns that say yes or no a row has one yes, and takes them for the
// classes.
func (t *tableDraft) oneOf(rows table.Sheet, said []string) bool {
	one := 0
	for _, r := range rows.Rows {
		n := 0
		for _, column := range said {
			if naming.SaysYes(r.Cell(column)) {
				n++
			}
		}
		if n == 1 {
			one++
		}
	}
	if len(said) < 3 || 100*one < 99*len(rows.Rows) {
		return false
	}
	t.Labels, t.OneHot = said, true
	return true
}

// unsure says whether columns that say yes or no also say −1, as CheXpert's do for what a
// report leaves open, and takes them for labels: −1 is missing, and an empty cell a no.
func (t *tableDraft) unsure(rows table.Sheet, said []string) bool {
	words, blank := map[string]string{}, false
	for _, r := range rows.Rows {
		for _, column := range said {
			cell := r.Cell(column)
			words[table.Number(cell)] = cell
			blank = blank || cell == ""
		}
	}
	if len(said) < 2 || words["-1"] == "" || words["0"] == "" || words["1"] == "" {
		return false
	}
	t.Labels, t.Classes = said, []string{words["0"], words["1"]}
	t.Missing = []string{words["-1"]}
	if blank {
		t.Blank = words["0"]
	}
	return true
}

var readerName = regexp.MustCompile(`(?i)^(rad(iologist)?|reader|rater|annotator|grader|expert|observer)([_ ]?id)?s?$`)

// repeats says what several rows of an image are: those of several readers, the same again,
// or each a finding.
func (t *tableDraft) repeats(rows table.Sheet) {
	if t.X != "" || t.ID != "" {
		return
	}
	p := places.NamedBy("", t.Image)
	first, again, differ := map[string]table.Row{}, 0, 0
	for _, r := range rows.Rows {
		name := p.Name(r)
		before, known := first[name]
		if !known {
			first[name] = r
			continue
		}
		again++
		if slices.ContainsFunc(t.Labels, func(column string) bool { return before.Cell(column) != r.Cell(column) }) {
			differ++
		}
	}
	readers := slices.ContainsFunc(rows.Columns, readerName.MatchString)
	switch {
	case 20*again < len(rows.Rows):
	case readers && (len(t.Labels) > 1 || t.OneHot):
		t.Repeated = "commonest"
	case 10*differ < again || t.Separator != "", 4*differ < len(rows.Rows) && !slices.ContainsFunc(t.ClassesIn(rows), func(class string) bool { return !table.IsNumber(class) }): // grades, of which an image has one
		t.Repeated = "worst"
	case len(t.Labels) == 1 && !t.OneHot && len(t.ClassesIn(rows)) > 2: // rows of findings
		t.Findings = slices.DeleteFunc(t.ClassesIn(rows), nothing.MatchString)
		t.Separator, t.Classes, t.Repeated = "|", nil, "worst"
	}
}

func missingWords() []string {
	one, _ := audit.Sources.Default("table")
	return one.Part.(audit.Table).Missing
}

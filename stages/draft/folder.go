package draft

import (
	"cmp"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/internal/files"
	"vertebra/stages/internal/headers"
	"vertebra/stages/internal/naming"
	"vertebra/stages/internal/places"
	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// guessFolder looks into a folder: for the RSNA layout, for tables that name images in it,
// and for folders of classes.
func guessFolder(path string) (Guess, error) {
	root := path
	for range 8 {
		if _, err := os.Stat(filepath.Join(root, "train_series_descriptions.csv")); err == nil {
			return Guess{Source: registry.One[audit.Source]{Name: "rsna", Part: audit.RSNA{Root: registry.Path(root)}}, Points: true}, nil
		}
		names, _ := files.Folders(root) // what cannot be read has none
		if len(names) != 1 || table.In(root) != nil || files.Images(root) != nil {
			break
		}
		inside := filepath.Join(root, names[0])
		if more, _ := files.Folders(inside); more == nil && table.In(inside) == nil {
			break
		}
		root = inside
	}
	if g, ok := newGuesser().best(root); ok {
		if sessions, _ := filepath.Glob(filepath.Join(places.Escaped(root), "sub-*", "sub-*_sessions.tsv")); sessions != nil && filepath.Base(string(g.Source.Part.(audit.Table).File)) == "participants.tsv" {
			g.Sessions = root
		}
		return g, nil
	}
	return guessFolders(root)
}

// splitsIn are the folders of splits of a folder, each with folders of classes: all in it, or
// of several sorts those, if one is for training. A second copy of the data set may lie beside
// them, as in Kaggle's chest X-rays.
func splitsIn(root string) []string {
	all, err := files.Folders(root)
	names := slices.DeleteFunc(slices.Clone(all), func(name string) bool { _, is := naming.Splits[strings.ToLower(name)]; return !is })
	training := slices.ContainsFunc(names, func(name string) bool { return naming.Splits[strings.ToLower(name)] == stage.Train })
	if err != nil || len(names) < 2 || len(names) < len(all) && !training {
		return nil
	}
	for _, name := range names {
		if classes, _ := files.Folders(filepath.Join(root, name)); len(classes) < 2 {
			return nil
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return slices.Index(stage.Splits, naming.Splits[strings.ToLower(a)]) - slices.Index(stage.Splits, naming.Splits[strings.ToLower(b)])
	})
	return names
}

// unreadable is the error of a folder that holds files of a format that cannot be read, and
// no others; nil where it does not.
func unreadable(root string) error {
	counts, images := map[string]int{}, false
	_ = files.Walk(root+string(filepath.Separator), func(path string, e fs.DirEntry, err error) error {
		switch ending := strings.ToLower(filepath.Ext(path)); {
		case err != nil || e.IsDir():
		case foreign[ending] != "":
			counts[ending]++
		case files.IsImage(path) && ending != "":
			images = true
			return fs.SkipAll
		}
		return nil
	})
	for ending, n := range counts {
		if !images {
			return foreignFiles(root, ending, n)
		}
	}
	return nil
}

func guessFolders(root string) (Guess, error) {
	g := Guess{Source: registry.One[audit.Source]{Name: "folders", Part: audit.Folders{Root: registry.Path(root)}}}
	f := audit.Folders{Root: registry.Path(root), Splits: splitsIn(root)}
	classes, err := f.ClassFolders()
	if err != nil {
		return g, err
	}
	part := ""
	if f.Splits != nil {
		g.Split, part = audit.SplitTag, f.Splits[0]
	}
	series := 0
	for i, class := range classes {
		images := files.Images(filepath.Join(root, part, class))
		if len(images) > 0 && g.Side == 0 {
			g.look(images[:min(len(images), triedSeries)])
		}
		if i < triedSeries && headers.OneSeries(images) {
			series++
		}
	}
	if n := len(classes); n > 2 && series == min(n, triedSeries) {
		return g, stage.Fault{Err: fmt.Errorf("each of the %d folders in %s holds the slices of one series, and so is no class", n, root),
			Hint: "write a CSV file with a row for each series, its folder and its label, and name that; or make a folder for each class, which holds those of its series"}
	}
	if err := persons(root, classes); err != nil {
		return g, err
	}
	if g.Side == 0 {
		g.nested(filepath.Join(root, part))
	}
	f.Group = guessGroup(f, classes)
	g.Source.Part = f
	if g.Classes = nothingFirst(classes); len(g.Classes) < 2 || g.Side == 0 {
		if err := unreadable(root); err != nil {
			return g, err
		}
	}
	if len(g.Classes) < 2 {
		tables, _ := filepath.Glob(filepath.Join(root, "*.csv"))
		if err := cmp.Or(unreadTable(root), unnamed(root)); err != nil {
			return g, err
		}
		return g, stage.Fault{Err: fmt.Errorf("%s holds %d folders; want one of images for each class", root, len(g.Classes)),
			Hint: "name the folder above those of the classes, or a CSV file" + strings.TrimSuffix(": "+strings.Join(tables, ", "), ": ")}
	}
	return g, nil
}

// persons is the error of folders that are called as persons are, and so are no classes; nil
// where they are not.
func persons(root string, names []string) error {
	times, matched, _ := naming.Times(names, naming.Persons[0])
	hint := "runner data bids FOLDER FILE writes a table of the images of a BIDS data set, with what is known of participants and sessions; or write a CSV file with a row for each image, its path, person and label"
	for _, one := range naming.Persons[1:3] {
		if matched < len(names) {
			times, matched, _ = naming.Times(names, one)
			hint = "write a CSV file with a row for each image, its path, person and label, and name that"
		}
	}
	if len(names) < 3 || matched < len(names) || len(times) < len(names) {
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("the %d folders in %s are called as persons are (%s, …), and so are no classes", len(names), root, names[0]), Hint: hint}
}

// nested looks at images in folders of the classes' folders: DICOM files of one series are
// its slices, of other images a person must say.
func (g *Guess) nested(root string) {
	var folders []string
	one := true
	last := ""
	for _, path := range newGuesser().Below(root).Paths {
		if len(folders) == triedSeries {
			break
		}
		folder := filepath.Dir(path)
		if folder == last {
			continue
		}
		last = folder
		images := files.Images(folder)
		if len(images) == 0 {
			continue
		}
		folders = append(folders, folder)
		one = one && headers.OneSeries(images)
	}
	if len(folders) == 0 {
		return
	}
	g.Nested = true
	g.look(folders)
	if !one || g.Slices == 0 {
		g.Slices = 0
		return
	}
	g.Sample = "series"
}

// unnamed is the error of a folder of DICOM files that no table names; nil where there are none.
func unnamed(root string) error {
	images := newGuesser().Below(root).Paths
	if len(images) == 0 || headers.Read(images[len(images)/2]).SeriesUID == "" {
		return nil
	}
	return stage.Fault{Err: fmt.Errorf("%s holds DICOM files, and nothing names them or their classes", root),
		Hint: fmt.Sprintf("runner data dicom %s %s writes a table of what their headers say, to which a table of labels beside it is joined", stage.ShellWord(root), stage.ShellWord(filepath.Join(root, "index.csv")))}
}

// guessGroup finds what of the paths below the classes' folders seems to say whose an image
// is: the folders of the level at which most differ, or the beginnings of file names; ""
// where that is what counts anyway, or nothing does.
func guessGroup(f audit.Folders, classes []string) string {
	var below []string
	parts := f.Splits
	if len(parts) == 0 {
		parts = []string{""}
	}
	for _, part := range parts {
		for _, class := range classes {
			folder := filepath.Join(string(f.Root), part, class)
			_ = files.Walk(folder+string(filepath.Separator), func(path string, e fs.DirEntry, err error) error {
				if err == nil && !e.IsDir() && !files.Hidden(e) && files.IsImage(path) {
					name, _ := filepath.Rel(folder, path) // it is below
					below = append(below, filepath.ToSlash(name))
				}
				return nil
			})
		}
	}
	level, most := -1, 0
	for depth := 0; ; depth++ {
		names, deep := map[string]bool{}, 0
		for _, name := range below {
			if parts := strings.Split(name, "/"); depth < len(parts)-1 {
				names[parts[depth]] = true
				deep++
			}
		}
		if deep == 0 {
			break
		}
		if len(names) > most {
			level, most = depth, len(names)
		}
	}
	switch {
	case level > 0:
		return fmt.Sprintf("^(?:[^/]+/){%d}([^/]+)/", level)
	case level < 0:
		if expression := naming.PersonOf(below, len(classes)*len(parts)); expression != nil {
			return expression.String()
		}
	}
	return ""
}

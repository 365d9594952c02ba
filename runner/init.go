package main

import (
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"text/template"

	"gopkg.in/yaml.v3"

	"vertebra/experiments"
	"vertebra/stages/audit"
	"vertebra/stages/draft"
	"vertebra/stages/stage"
)

// initCommand is runner init.
type initCommand struct {
	Data string `arg:"" help:"What to learn from: a folder as a data set is downloaded, with its tables and images, or with a folder for each class; or the table itself." type:"path"`
	File string `arg:"" help:"Experiment file to write; it must not be there yet." type:"path"`
}

//go:embed init.yaml
var initText string

// initTemplate is a first experiment, as a person would begin one.
var initTemplate = template.Must(template.New("init.yaml").Funcs(template.FuncMap{"word": yamlWord, "list": yamlList, "pictured": yamlPictured}).Parse(initText))

// sketch is what the template is filled with.
type sketch struct {
	draft.Guess
	Table    audit.Table // where the source is one
	Folders  audit.Folders
	RSNA     audit.RSNA
	From     string // the data
	Name     string
	Schema   bool // schema.json lies beside the file
	Pixels   int
	Stratify []string

	file string // to be written
}

// Near is how the file calls another.
func (s sketch) Near(path any) (string, error) { return yamlWord(relative(s.file, fmt.Sprint(path))) }

// By is what a split keeps together.
func (s sketch) By() string {
	switch {
	case s.Table.Group != "":
		return s.Table.Group
	case s.Patient && s.Folders.Group == "":
		return "patient"
	}
	return "study"
}

// Numbered says whether classes are called by numbers.
func (s sketch) Numbered() bool {
	return len(s.Classes) > 1 && !slices.ContainsFunc(s.Classes, func(class string) bool { _, err := strconv.ParseFloat(class, 64); return err != nil })
}

// YesNo says whether classes are 0 and 1 of several questions, which reports had better call no
// and yes.
func (s sketch) YesNo() bool {
	if !s.Several() || len(s.Classes) != 2 {
		return false
	}
	no, err := strconv.ParseFloat(s.Classes[0], 64)
	yes, err2 := strconv.ParseFloat(s.Classes[1], 64)
	return err == nil && err2 == nil && no == 0 && yes == 1
}

// Graded says whether classes seem to be grades, in an order: numbers of three or more.
func (s sketch) Graded() bool { return s.Numbered() && len(s.Classes) > 2 && !s.Several() }

// Missing are the words of the table that stand for no label, where they are not the usual ones.
func (s sketch) Missing() []string {
	usual, _ := audit.Sources.Default("table")
	if slices.Equal(s.Table.Missing, usual.Part.(audit.Table).Missing) {
		return nil
	}
	return s.Table.Missing
}

// Several says whether one net answers several labels of an image.
func (s sketch) Several() bool {
	return len(s.Table.Labels) > 1 && !s.Table.OneHot || s.Table.Separator != "" || s.Targets != nil
}

// Kind is the column that tells series of a study apart, and so one kind of them; "" where
// there is none.
func (s sketch) Kind() string {
	at := slices.IndexFunc(s.Others, func(name string) bool {
		return strings.EqualFold(strings.ReplaceAll(name, " ", ""), "SeriesDescription")
	})
	if at < 0 || s.Sample != "series" {
		return ""
	}
	return s.Others[at]
}

// Stretched says what images look like that a square stretches; "" where they are nearly square,
// or cut as squares around points.
func (s sketch) Stretched() string {
	const nearly = 1.25
	switch {
	case s.Points || s.Aspect == 0:
		return ""
	case s.Aspect >= nearly:
		return fmt.Sprintf("%.2g times as wide as high", s.Aspect)
	case s.Aspect <= 1/nearly:
		return fmt.Sprintf("%.2g times as high as wide", 1/s.Aspect)
	}
	return ""
}

// Stacked is how many slices of a series a first net sees; 0 where images are single.
func (s sketch) Stacked() int {
	const most = 16
	return min(s.Slices, most)
}

// Run writes a first experiment for a data set, and checks that it can be read.
func (c initCommand) Run(_ context.Context, w world) error {
	if _, err := os.Lstat(c.File); err == nil {
		return stage.Fault{Err: fmt.Errorf("%s is there already", w.called(c.File)), Hint: "name another file"}
	}
	guess, err := draft.Look(c.Data)
	if err != nil {
		return err
	}
	s := sketch{Guess: guess, From: relative(c.File, c.Data), Name: strings.TrimSuffix(filepath.Base(c.File), filepath.Ext(c.File)), Pixels: pixelsFor(guess), file: c.File}
	s.Table, _ = guess.Source.Part.(audit.Table)
	s.Folders, _ = guess.Source.Part.(audit.Folders)
	s.RSNA, _ = guess.Source.Part.(audit.RSNA)
	_, err = os.Stat(filepath.Join(filepath.Dir(c.File), "schema.json"))
	s.Schema = err == nil
	var text strings.Builder
	if err := initTemplate.Execute(&text, s); err != nil {
		return err
	}
	if err := writeNew(c.File, writeText(text.String())); err != nil {
		return err
	}
	if _, _, err := experiments.Load(c.File, nil); err != nil {
		return err
	}
	fmt.Fprintf(w.out, "wrote %s, for: %s\n", w.called(c.File), strings.TrimSuffix(guess.Source.Name+" "+w.called(string(s.Table.File)), " "))
	for _, path := range guess.Tables {
		c.tellOther(w, path)
	}
	c.tellRSNA(w, s)
	if s.Sessions != "" {
		folder := w.called(s.Sessions)
		fmt.Fprintf(w.out, "what its tables of sessions say is not in it: runner data bids %s %s writes a table of all images with it\n", stage.ShellWord(folder), stage.ShellWord(filepath.Join(folder, "images.csv")))
	}
	fmt.Fprintf(w.out, "look at what it says of the data, then: runner check %s\n", stage.ShellWord(w.called(c.File)))
	return nil
}

// relative is how a file calls another: from its own folder, where that is possible.
func relative(file, other string) string {
	if near, err := filepath.Rel(filepath.Dir(file), other); err == nil {
		return filepath.ToSlash(near)
	}
	return other
}

// pixelsFor is the side of images that a first net sees: 224 as ImageNet's nets do,
// less where the images are smaller; small ones keep theirs, such as the 28 of MedMNIST.
func pixelsFor(g draft.Guess) int {
	const usual, step, least, small = 224, 8, 16, 64
	if g.Side == 0 || g.Side > usual {
		return usual
	}
	if g.Side < small {
		return max(least, g.Side)
	}
	return g.Side / step * step
}

// createNew makes a file that is not there yet.
func createNew(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, stage.Fault{Err: fmt.Errorf("there is no folder %s", filepath.Dir(path)), Hint: "make it first: mkdir -p " + stage.ShellWord(filepath.Dir(path))}
	case errors.Is(err, fs.ErrExist):
		return nil, stage.Fault{Err: fmt.Errorf("%s is there already", path), Hint: "name another file"}
	}
	return f, err
}

// writeNew writes a file that is not there yet. Of one that cannot be written whole nothing
// stays: it would be in the way of the same command.
func writeNew(path string, write func(io.Writer) error) error {
	f, err := createNew(path)
	if err != nil {
		return err
	}
	if err := errors.Join(write(f), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func writeText(text string) func(io.Writer) error {
	return func(to io.Writer) error {
		_, err := io.WriteString(to, text)
		return err
	}
}

// yamlWord writes a text as YAML, with quotes where it needs them.
func yamlWord(text string) (string, error) {
	n := yaml.Node{Kind: yaml.SequenceNode, Style: yaml.FlowStyle, Content: []*yaml.Node{{}}}
	n.Content[0].SetString(text)
	out, err := yaml.Marshal(&n)
	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(string(out)), "["), "]"), err
}

func yamlList(words []string) (string, error) {
	var out []string
	for _, w := range words {
		text, err := yamlWord(w)
		if err != nil {
			return "", err
		}
		out = append(out, text)
	}
	return "[" + strings.Join(out, ", ") + "]", nil
}

// yamlPictured writes the columns of one of the images of a row, its own first; that alone where
// there is no other.
func yamlPictured(of audit.Pictured) (string, error) {
	image := of.Alone()
	if of[image] != "" && len(of) == 1 {
		return yamlWord(of[image])
	}
	names := slices.Sorted(maps.Keys(of))
	if at := slices.Index(names, image); at > 0 {
		names = slices.Insert(slices.Delete(names, at, at+1), 0, image)
	}
	var out []string
	for _, name := range names {
		key, err := yamlWord(name)
		if err != nil {
			return "", err
		}
		column, err := yamlWord(of[name])
		if err != nil {
			return "", err
		}
		out = append(out, key+": "+column)
	}
	return "{" + strings.Join(out, ", ") + "}", nil
}

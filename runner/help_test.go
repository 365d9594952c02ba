package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

// TestExamples wants an example of every command, which the command line takes.
func TestExamples(t *testing.T) {
	t.Chdir(t.TempDir())
	files := []string{"demo.yaml", "mine.yaml", "sweep.yaml", "hospital-b.yaml"}
	for _, folder := range []string{"experiments", "export", "bids"} {
		if err := os.Mkdir(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range files {
		if err := os.WriteFile(filepath.Join("experiments", name), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	parser := kong.Must(&commands{}, kong.Name("runner"), kong.Writers(io.Discard, io.Discard), defaults(),
		kong.NamedMapper("existingfile", kong.MapperFunc(experimentFile)))
	giveExamples(parser.Model.Node)
	for _, leaf := range parser.Model.Leaves(true) {
		_, example, found := strings.Cut(leaf.Detail, "Example:\n\n    runner ")
		if !found {
			t.Errorf("%s has no example", leaf.FullPath())
			continue
		}
		parsed, err := parser.Parse(words(example))
		if err != nil {
			t.Errorf("runner %s: %v", example, err)
		} else if got := parsed.Selected(); got.Target != leaf.Target {
			t.Errorf("the example of %s is one of %s", leaf.FullPath(), got.FullPath())
		}
	}
}

// words splits a command as a shell does, without what goes to a file.
func words(line string) (out []string) {
	line, _, _ = strings.Cut(line, " > ")
	for _, w := range regexp.MustCompile(`'[^']*'|\S+`).FindAllString(line, -1) {
		out = append(out, strings.Trim(w, "'"))
	}
	return out
}

// TestHelpGroups: help lists every command and every shared flag below a title.
func TestHelpGroups(t *testing.T) {
	t.Parallel()
	parser := kong.Must(&commands{}, kong.Name("runner"), defaults(),
		kong.NamedMapper("existingfile", kong.MapperFunc(experimentFile)))
	arrange(parser.Model)
	found := map[string]bool{}
	for _, leaf := range parser.Model.Leaves(true) {
		if leaf.ClosestGroup() == nil {
			t.Errorf("%s stands below no title", leaf.FullPath())
		}
		for _, flag := range leaf.Flags {
			if group := shared[flag.Name]; group != nil {
				if found[flag.Name] = true; flag.Group != group {
					t.Errorf("%s --%s: got group %v", leaf.FullPath(), flag.Name, flag.Group)
				}
			}
		}
	}
	if len(found) != len(shared) {
		t.Errorf("of the shared flags only %v are there", found)
	}
}

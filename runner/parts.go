package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"vertebra/experiments"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// partsCommand is runner parts.
type partsCommand struct {
	Word     string `arg:"" optional:"" help:"Only this part (focal), the parts of this kind or place (loss, train.loss), or the settings of this section (train, data.split)."`
	JSON     bool   `help:"Write JSON."`
	Markdown bool   `help:"Write the reference page: everything that a file can say."`
}

// Run lists every kind of part, in the order of the file's sections.
func (c partsCommand) Run(_ context.Context, w world) error {
	if c.Markdown {
		_, err := w.out.Write(experiments.Reference())
		return err
	}
	kinds := c.picked(registry.KindsOf(experiments.Default()))
	section, is := experiments.SectionAt(c.Word)
	if len(kinds) == 0 && !is {
		return unknownPart(c.Word)
	}
	encoder := json.NewEncoder(w.out)
	encoder.SetIndent("", "  ")
	switch {
	case c.JSON && len(kinds) == 0:
		return encoder.Encode(section)
	case c.JSON:
		return encoder.Encode(kinds)
	case len(kinds) == 0:
		printSection(w.out, section)
		return nil
	}
	for _, kind := range kinds {
		printKind(w.out, kind)
	}
	return nil
}

// picked keeps what the word means; everything without one.
func (c partsCommand) picked(kinds []registry.KindInfo) []registry.KindInfo {
	var out []registry.KindInfo
	for _, kind := range kinds {
		if c.Word == "" || c.Word == kind.What || c.Word == strings.TrimSuffix(kind.Path, "[]") || c.Word == kind.Path {
			out = append(out, kind)
			continue
		}
		all := kind.Parts
		kind.Parts = nil
		for _, p := range all {
			if p.Name == c.Word {
				kind.Parts = append(kind.Parts, p)
			}
		}
		if len(kind.Parts) > 0 {
			out = append(out, kind)
		}
	}
	return out
}

func unknownPart(word string) error {
	words := experiments.SectionNames()
	for _, kind := range registry.KindsOf(experiments.Default()) {
		words = append(words, kind.What)
		for _, p := range kind.Parts {
			words = append(words, p.Name)
		}
	}
	hint := registry.Suggest(word, words)
	if !strings.Contains(hint, "did you mean") {
		hint = "runner parts lists all; runner parts train, or another section (" + strings.Join(experiments.SectionNames(), ", ") + "), its settings"
	}
	return stage.Fault{Err: fmt.Errorf("there is no part, kind of parts or section %q", word), Hint: hint}
}

func printKind(out io.Writer, kind registry.KindInfo) {
	fmt.Fprintf(out, "%s (%s)\n", kind.Path, kind.What)
	for _, p := range kind.Parts {
		fmt.Fprintf(out, "  %-18s %s\n", p.Name, p.Help)
		for _, s := range p.Settings {
			state := "default " + s.Default
			if s.Needed {
				state = "must be given"
			}
			fmt.Fprintf(out, "      %-16s %s (%s, %s)\n", s.Name, s.Help, s.Type, state)
		}
		fmt.Fprintf(out, "      e.g. %s\n", strings.ReplaceAll(p.Example, "\n", "\n           "))
	}
	fmt.Fprintln(out)
}

// printSection writes the settings of a section, and where to ask on.
func printSection(out io.Writer, section experiments.Section) {
	fmt.Fprintln(out, section.Path)
	for _, s := range section.Settings {
		state := "default " + s.Default
		if s.Default == "must be given" || strings.HasPrefix(s.Default, "runner parts ") {
			state = s.Default
		}
		fmt.Fprintf(out, "  %-18s %s (%s; %s)\n", s.Name, s.Help, s.Value, state)
	}
	fmt.Fprintln(out)
}

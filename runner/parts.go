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
	Word     string `arg:"" optional:"" help:"Only this part (focal), or the parts of this kind or place (loss, train.loss)."`
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
	if len(kinds) == 0 {
		return unknownPart(c.Word)
	}
	if c.JSON {
		encoder := json.NewEncoder(w.out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(kinds)
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
		if c.Word == "" || c.Word == kind.What || c.Word == kind.Path {
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
	var words []string
	for _, kind := range registry.KindsOf(experiments.Default()) {
		words = append(words, kind.What)
		for _, p := range kind.Parts {
			words = append(words, p.Name)
		}
	}
	return stage.Fault{Err: fmt.Errorf("there is no part and no kind of parts %q", word), Hint: registry.Suggest(word, words)}
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

package evaluate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// ReadersFit wants readers to be tags that hold classes. Training cases do not count: nobody asks
// what was said of them.
func (cfg Config) ReadersFit(asked stage.Questions, cases []stage.Case) (out registry.Problems) {
	if len(cfg.Readers) > 0 && len(asked.Targets) > 0 {
		return registry.Problems{{Path: "readers", Text: "the nets answer several questions, and a column of a reader does not say which of them it answers", Hint: "ask about one label, or leave readers out"}}
	}
	for i, tag := range cfg.Readers {
		path := fmt.Sprintf("readers.%d", i)
		if !hasTag(cases, tag) {
			out = append(out, registry.Problem{Path: path, Text: fmt.Sprintf("no case has the tag %q", tag), Hint: "name the column in data.source.table.tags, too; " + registry.Suggest(tag, tagsOf(cases))})
			continue
		}
		if strange := strangers(tag, asked.Classes, cases); len(strange) > 0 {
			out = append(out, registry.Problem{Path: path, Text: fmt.Sprintf("%s holds %s, which no class is called", tag, shortList(strange)),
				Hint: "the classes are " + strings.Join(asked.Classes, ", ") + "; data.source.table.replace changes what cells hold"})
		}
	}
	return out
}

// strangers are the values of a tag that are no class, sorted.
func strangers(tag string, classes []string, cases []stage.Case) []string {
	found := map[string]bool{}
	for _, c := range cases {
		if value := c.Tags[tag]; value != "" && c.Split != stage.Train && !slices.Contains(classes, value) {
			found[value] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// shortList quotes the first of some words.
func shortList(words []string) string {
	const most = 3
	var out []string
	for _, w := range words[:min(most, len(words))] {
		out = append(out, fmt.Sprintf("%q", w))
	}
	text := strings.Join(out, ", ")
	if more := len(words) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

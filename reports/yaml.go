package reports

import (
	"regexp"
	"strings"

	"vertebra/results"
)

// experimentOf is the resolved experiment, with where each value comes from if the
// run stored it.
func experimentOf(rec *results.RunRecord) string {
	if text := rec.Fact(results.OriginsFact); text != "" {
		return text
	}
	return rec.Experiment
}

// yamlLine is one line of the experiment, cut where its colour changes.
type yamlLine struct{ Indent, Key, Value, Comment string }

// A line is an indent with list dashes, perhaps a key with its colon, a value,
// and perhaps a comment. It colours; it does not parse.
var yamlParts = regexp.MustCompile(`^([\s-]*)([\w."'/-]+:(?:\s|$))?(.*?)(\s+#.*|^#.*)?$`)

// highlight cuts the resolved experiment into parts.
func highlight(text string) []yamlLine {
	text = strings.TrimRight(text, "\n")
	if text == "" {
		return nil
	}
	var lines []yamlLine
	for line := range strings.SplitSeq(text, "\n") {
		m := yamlParts.FindStringSubmatch(line)
		if m == nil {
			m = []string{"", "", "", line, ""}
		}
		lines = append(lines, yamlLine{m[1], m[2], m[3], m[4]})
	}
	return lines
}

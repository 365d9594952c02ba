package registry

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// Problem is one mistake in an experiment file.
type Problem struct {
	File         string // the file, or the --set, that says it
	Line, Column int    // from 1; 0 when there is no such thing
	Path         string // train.phases.0.epochs
	Text         string // what is wrong
	Hint         string // what would be right
	Missing      bool   // a required setting is not there at all
	// Inherited names the file that takes the mistake over by extends, and the
	// files between: "a.yaml through b.yaml".
	Inherited string
	// Source is the line of the file; "" when it is not known.
	Source string
}

// Error gives "file:line:column: path: text; hint (inherited by file)", leaving
// out what is not known.
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	for _, n := range []int{p.Line, p.Column} {
		if n > 0 {
			fmt.Fprintf(&b, ":%d", n)
		}
	}
	for _, s := range []string{p.Path, p.Text} {
		if s != "" && b.Len() > 0 {
			b.WriteString(": ")
		}
		b.WriteString(s)
	}
	if p.Hint != "" {
		b.WriteString("; " + p.Hint)
	}
	if p.Inherited != "" {
		b.WriteString(" (inherited by " + p.Inherited + ")")
	}
	return printable(b.String())
}

// printable keeps a message on its line and a terminal in order, whatever the
// file holds.
func printable(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case unicode.IsPrint(r):
			b.WriteRune(r)
		default:
			fmt.Fprintf(&b, "\\u%04x", r)
		}
	}
	return b.String()
}

// Problems are all mistakes that were found, sorted by file and position.
type Problems []Problem

// most is how many problems are shown: nobody reads more, and a file that went
// wrong as a whole may have thousands.
const most = 50

// Error gives each problem a line.
func (ps Problems) Error() string { return ps.lines(Problem.Error) }

// Excerpts gives each problem with its source line and a caret below the place.
func (ps Problems) Excerpts() string { return ps.lines(Problem.Excerpt) }

func (ps Problems) lines(show func(Problem) string) string {
	var lines []string
	for _, p := range ps[:min(len(ps), most)] {
		lines = append(lines, show(p))
	}
	if len(ps) > most {
		lines = append(lines, fmt.Sprintf("… and %d more", len(ps)-most))
	}
	return strings.Join(lines, "\n")
}

// Err gives the problems as an error; nil when there are none.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Sorted gives the problems in the order of file and position, each once.
func (ps Problems) Sorted() Problems {
	out := slices.Clone(ps)
	slices.SortFunc(out, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Text, b.Text),
			cmp.Compare(a.Hint, b.Hint),
		)
	})
	return slices.Compact(out)
}

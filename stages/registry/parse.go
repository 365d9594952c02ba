package registry

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// MaxBytes is the size of the largest file that is read: 256 KB.
const MaxBytes = 256 << 10

// Parse reads one YAML document of at most MaxBytes in UTF-8 and gives its
// value. Aliases are replaced by what they stand for, so that the tree may be
// walked without thinking of them. Duplicate keys, merge keys, tags, loops,
// and trees that are too deep or too large are problems. The node is nil when
// nothing can be made of the file.
func Parse(file string, data []byte) (*yaml.Node, Problems) {
	if p, bad := unreadable(file, data); bad {
		return nil, Problems{p}
	}
	root, problem := parseOne(file, data)
	if problem != nil {
		return nil, Problems{*problem}
	}
	problems, walkable := inspect(root, FromFile(file))
	if !walkable {
		return nil, problems
	}
	return resolveAliases(root, map[*yaml.Node]bool{}), problems
}

// unreadable finds what makes a file no text at all.
func unreadable(file string, data []byte) (Problem, bool) {
	if len(data) > MaxBytes {
		return Problem{File: file, Text: fmt.Sprintf("is larger than %d KB", MaxBytes>>10),
			Hint: "put long lists into a file of their own and name that file"}, true
	}
	if at := firstNonUTF8(data); at >= 0 {
		line, column := position(data, at)
		return Problem{File: file, Line: line, Column: column, Text: "is no UTF-8 text", Hint: "save the file as UTF-8"}, true
	}
	if at := bytes.IndexFunc(data, isControl); at >= 0 {
		line, column := position(data, at)
		return Problem{File: file, Line: line, Column: column, Text: "has a control character", Hint: "remove it"}, true
	}
	return Problem{}, false
}

func firstNonUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return -1
}

func isControl(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0x7f }

// position gives line and column, both from 1, of a byte.
func position(data []byte, at int) (line, column int) {
	before := data[:at]
	start := bytes.LastIndexByte(before, '\n') + 1
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[start:]) + 1
}

// parseOne gives the value of the only document.
func parseOne(file string, data []byte) (root *yaml.Node, problem *Problem) {
	defer func() {
		if r := recover(); r != nil { // the library has panicked on odd input before
			root, problem = nil, &Problem{File: file, Text: "is not valid YAML", Hint: fmt.Sprint(r)}
		}
	}()
	empty := &Problem{File: file, Line: 1, Column: 1, Text: "is empty", Hint: "write at least one setting"}
	var first, second yaml.Node
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	switch err := decoder.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, empty
	case err != nil:
		return nil, syntaxProblem(file, data, err)
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, &Problem{File: file, Line: second.Line, Column: second.Column,
			Text: "a second document begins", Hint: "an experiment is one document; remove the line ---"}
	case !errors.Is(err, io.EOF):
		return nil, syntaxProblem(file, data, err)
	}
	if len(first.Content) != 1 || isNull(first.Content[0]) {
		return nil, empty
	}
	return first.Content[0], nil
}

var (
	yamlLine = regexp.MustCompile(`^line (\d+): (.*)$`)
	// starred is a value, or a name, that begins with a star and is not in quotes.
	starred = regexp.MustCompile(`(?m)(?:^\s*(?:-\s+)*|[\[,{:]\s*)(\*[^\s,\]}:]*)`)
	tabbed  = regexp.MustCompile(`(?m)^ *\t`)
)

// syntaxProblem places an error of the YAML library. The library gives the line
// only, and counts from 0 for the errors of its parser.
func syntaxProblem(file string, data []byte, err error) *Problem {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	p := &Problem{File: file, Hint: "look at the indentation, colons, quotes and brackets there and just above"}
	if m := yamlLine.FindStringSubmatch(text); m != nil {
		p.Line, _ = strconv.Atoi(m[1])
		text = m[2]
		if strings.HasPrefix(text, "did not find expected") {
			p.Line++
		}
	}
	if at := tabbed.FindIndex(data); at != nil && strings.Contains(text, "cannot start any token") {
		p.Line, p.Column = position(data, at[1]-1)
		p.Hint = "indent with spaces, not tabs"
	}
	if at := misreadStar(data, text); at != nil {
		p.Line, p.Column = position(data, at[0])
		p.Hint = fmt.Sprintf("* begins an alias in YAML; put a pattern in quotes: %q", data[at[0]:at[1]])
	}
	p.Text = "is not valid YAML: " + text
	return p
}

// misreadStar finds the word with a star that the library took for an alias; text is
// what it said of it.
func misreadStar(data []byte, text string) (at []int) {
	odd := strings.Contains(text, "alphabetic or numeric character")
	for _, m := range starred.FindAllSubmatchIndex(data, -1) {
		name := string(data[m[2]+1 : m[3]])
		plain := strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == ""
		if odd && !plain || strings.Contains(text, "unknown anchor '"+name+"'") {
			return m[2:4]
		}
	}
	return nil
}

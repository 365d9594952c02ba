package form

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits of the names of files, in bytes, as file systems have them.
const (
	longestName = 200
	longestPath = 900
	deepest     = 20
)

// CleanName makes a relative path with slashes of what a browser or another program calls a file, which
// may lie in folders. It leads out of no folder, is hidden nowhere, and has nothing that patterns of
// paths, or file systems, take for something else: in place of that stands an underscore.
func CleanName(name string) (string, error) {
	if !utf8.ValidString(name) {
		return "", errors.New("the name of a file is no UTF-8")
	}
	var parts []string
	for _, part := range strings.FieldsFunc(name, isSlash) {
		if part = cleanPart(part); part != "" {
			parts = append(parts, part)
		}
	}
	clean := path.Join(parts...)
	switch {
	case clean == "":
		return "", fmt.Errorf("a file is called %q, which is no name", shortened(name))
	case len(clean) > longestPath || len(parts) > deepest:
		return "", fmt.Errorf("the path %s… is longer than %d bytes or %d folders", shortened(clean), longestPath, deepest)
	}
	return clean, nil
}

// Hidden says whether a file is hidden, or lies in a folder that is: runner predict does not look at such.
func Hidden(name string) bool {
	return slices.ContainsFunc(strings.FieldsFunc(name, isSlash), func(part string) bool { return strings.HasPrefix(part, ".") && strings.Trim(part, ".") != "" })
}

func isSlash(r rune) bool { return r == '/' || r == '\\' }

// cleanPart is one name; "" of none.
func cleanPart(part string) string {
	part = strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError || !unicode.IsPrint(r), strings.ContainsRune(`*?[]{}<>|":`, r):
			return '_'
		}
		return r
	}, strings.TrimSpace(part))
	part = strings.TrimSpace(strings.TrimLeft(part, ". "))
	if len(part) <= longestName {
		return part
	}
	end := part[strings.LastIndex(part, ".")+1:] // that names say what a file is
	if len(end) > 20 || len(end) == len(part) {
		end = ""
	}
	return cut(part, longestName-1-len(end)) + "." + end
}

// cut gives the first bytes of a text, of whole characters.
func cut(text string, n int) string {
	for n > 0 && n < len(text) && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:min(n, len(text))]
}

// shortened is for errors.
func shortened(text string) string { return cut(text, 80) }

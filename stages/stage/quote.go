package stage

import (
	"strconv"
	"strings"
	"unicode"
)

// AppendQuoted is strconv.AppendQuote, in a fraction of its time for plain text, as
// ids and paths mostly are.
func AppendQuoted(to []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			return strconv.AppendQuote(to, text)
		}
	}
	return append(append(append(to, '"'), text...), '"')
}

// ShellWord is a path as a shell reads it back: in quotes where it has blanks or other
// characters that mean something to a shell.
func ShellWord(path string) string {
	plain := func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("/._-+=:@%,", r)
	}
	if path != "" && strings.IndexFunc(path, func(r rune) bool { return !plain(r) }) < 0 {
		return path
	}
	return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
}

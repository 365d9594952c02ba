package stage

import (
	"fmt"
	"strings"
)

// Shortened lists some words, and counts the others.
func Shortened(words []string) string {
	const most = 6
	if len(words) <= most {
		return strings.Join(words, ", ")
	}
	return fmt.Sprintf("%s, … %d values", strings.Join(words[:most-1], ", "), len(words))
}

// Clip shortens a text to so many letters.
func Clip(text string, most int) string {
	if letters := []rune(text); len(letters) > most {
		return string(letters[:most-1]) + "…"
	}
	return text
}

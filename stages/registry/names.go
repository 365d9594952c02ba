package registry

import (
	"slices"
	"strings"
	"unicode"

	"github.com/agnivade/levenshtein"
)

// SnakeCase turns the name of a Go field into the name of its setting:
// MaxDegrees becomes max_degrees, StudyID study_id, IDs ids, L2Norm l2_norm.
func SnakeCase(field string) string {
	r := []rune(field)
	var b strings.Builder
	for i, c := range r {
		if i > 0 && unicode.IsUpper(c) && startsWord(r, i) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// startsWord says whether the upper-case letter at i begins a word: it follows a
// lower-case letter, or it is followed by one (as the S of HTTPServer) that is
// not the plural of an acronym (as the D of IDs).
func startsWord(r []rune, i int) bool {
	if unicode.IsLower(r[i-1]) {
		return true
	}
	if i+1 >= len(r) || !unicode.IsLower(r[i+1]) {
		return false
	}
	plural := r[i+1] == 's' && (i+2 == len(r) || unicode.IsUpper(r[i+2]))
	return !plural
}

// listed is the most words that a message lists.
const listed = 24

// Suggest says which of the legal words may have been meant, and lists them all
// when they are few. It is the hint of a Problem; "" when there are no words.
func Suggest(word string, legal []string) string {
	all := ""
	if len(legal) > 0 && len(legal) <= listed {
		all = "known: " + strings.Join(legal, ", ")
	}
	near, found := nearest(word, legal)
	switch {
	case found && all != "" && len(legal) > 1:
		return "did you mean " + near + "? (" + all + ")"
	case found:
		return "did you mean " + near + "?"
	case all != "":
		return all
	case len(legal) > 0:
		return "the reference lists the legal words"
	}
	return ""
}

// nearest finds the legal word with the fewest changed letters, at most a third
// of them (but one is always allowed). Letters in another order count as one. Where
// none is that near, a word that it is a part of may be, or one that is a part of it.
func nearest(word string, legal []string) (string, bool) {
	plain := strings.NewReplacer("-", "_", " ", "_").Replace(strings.ToLower(word))
	if plain == "" || len(plain) > 64 {
		return "", false
	}
	best, least := "", len(plain)/3+1
	for _, w := range legal {
		n := levenshtein.ComputeDistance(plain, w)
		if n > 1 && letters(plain) == letters(w) {
			n = 1
		}
		if n < least || n == least && best == "" {
			best, least = w, n
		}
	}
	if best == "" {
		best = partOf(plain, legal)
	}
	return best, best != ""
}

// partOf finds the one legal word that has the word as its first or last part, as
// macro_auroc has auroc, or is its first or last part, as flip is of horizontal_flip; "" when
// there is none, or several.
func partOf(word string, legal []string) (found string) {
	has := func(whole, part string) bool {
		return strings.HasPrefix(whole, part+"_") || strings.HasSuffix(whole, "_"+part)
	}
	for _, w := range legal {
		if has(w, word) || has(word, w) {
			if found != "" {
				return ""
			}
			found = w
		}
	}
	return found
}

// letters sorts the letters of a word.
func letters(word string) string {
	r := []rune(word)
	slices.Sort(r)
	return string(r)
}

package registry

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	bomb := "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
	for i := 1; i < 10; i++ {
		r := fmt.Sprintf("*a%d, ", i-1)
		bomb += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(r, 10), ", "))
	}
	for _, test := range []struct{ name, text, want string }{
		{"empty", "", "f:1:1: is empty; write at least one setting"},
		{"comment only", "# nothing\n", "f:1:1: is empty; write at least one setting"},
		{"bare document", "---\n", "f:1:1: is empty; write at least one setting"},
		{"second document", "a: 1\n---\nb: 2\n", "f:2:1: a second document begins; an experiment is one document; remove the line ---"},
		{"broken second document", "a: 1\n---\n]", "f:3: is not valid YAML: did not find expected node content"},
		{"not UTF-8", "a: 1\nb: \xff", "f:2:4: is no UTF-8 text; save the file as UTF-8"},
		{"UTF-16", "\xff\xfea\x00", "f:1:1: is no UTF-8 text"},
		{"control character", "a: 1\nb: \x01", "f:2:4: has a control character"},
		{"tab", "a:\n\tb: 1", "f:2:1: is not valid YAML: found character that cannot start any token; indent with spaces, not tabs"},
		{"bracket", "a: [1, 2\nb: 3\n", "f:2: is not valid YAML: did not find expected ',' or ']'"},
		{"unknown alias", "a: *x", "f:1:4: is not valid YAML: unknown anchor 'x' referenced"},
		{"bomb", bomb, "the file has more than 100000 values"},
		{"deep", strings.Repeat("[", 100) + strings.Repeat("]", 100), "is nested more than 64 levels deep"},
		{"very deep", strings.Repeat("[", 100_000), "is not valid YAML: "},
		{"large", strings.Repeat("a", MaxBytes+1), "f: is larger than 256 KB; put long lists into a file of their own and name that file"},
		{"list as name", "? [a]\n: 1", "f:1:3: a name cannot be a list or a map"},
		{"loop", "a: &a {b: *a}", "is nested more than 64 levels deep, or holds itself"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, problems := Parse("f", []byte(test.text))
			if got := problems.Error(); len(problems) != 1 || !strings.Contains(got, test.want) {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestParseTakes(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"a: 1", "---\na: 1\n...\n", "\xef\xbb\xbfa: 1", "a: 1\r\nb: 2\r\n", "a: ümlaut 漢"} {
		if n, problems := Parse("f", []byte(text)); n == nil || len(problems) > 0 {
			t.Errorf("%q: got %v", text, problems)
		}
	}
}

// A file of the largest size must be refused or read in reasonable time,
// whatever it holds.
func TestParseIsQuick(t *testing.T) {
	t.Parallel()
	for _, unit := range []string{"[", "{", "- ", "a: ", "? ", "#\n", "\n", "&a ", "*a ", "'", "\"", "!a ", "a: 1\n", "- #\n", "|\n", "{a: ", "[a, "} {
		text := strings.Repeat(unit, MaxBytes/len(unit))
		began := time.Now()
		Parse("f", []byte(text))
		if took := time.Since(began); took > 20*time.Second {
			t.Errorf("%q repeated took %v", unit, took)
		}
	}
}

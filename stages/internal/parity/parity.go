// Package parity reads what reference implementations gave and keeps docs/parity.md: tests
// that compare parts with them write there what they compare, and how far apart the two are.
package parity

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Read reads the numbers of a reference implementation, as a script beside them wrote them
// in JSON.
func Read(t testing.TB, path string, to any) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, to)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// Row is one comparison.
type Row struct {
	Part, Case, Reference string
	Deviation             float64 // the largest that was measured
	Limit                 float64 // the largest that passes
}

// Hold fails where a deviation is above its limit, and where the section of the page
// does not list the rows as they are. Deviations differ in their digits from machine to
// machine: those of the page must only be within their limits. With update a section
// that does not hold is written again.
func Hold(t testing.TB, page, section string, rows []Row, update bool) {
	t.Helper()
	for _, r := range rows {
		if !(r.Deviation <= r.Limit) {
			t.Errorf("%s, %s against %s: %.1e apart, want at most %.0e", r.Part, r.Case, r.Reference, r.Deviation, r.Limit)
		}
	}
	data, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, body, after, err := cut(string(data), section)
	if err != nil {
		t.Fatalf("%s: %v", page, err)
	}
	problem := stale(body, rows)
	switch {
	case problem == "":
	case !update:
		t.Errorf("%s, section %s: %s; run make generate", page, section, problem)
	default:
		if err := os.WriteFile(page, []byte(before+table(rows)+after), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// cut finds what stands between the marks of a section.
func cut(text, section string) (before, body, after string, err error) {
	begin, end := "<!-- "+section+" -->\n", "<!-- end of "+section+" -->\n"
	i, j := strings.Index(text, begin), strings.Index(text, end)
	if i < 0 || j < i {
		return "", "", "", fmt.Errorf("there is no section %s", section)
	}
	i += len(begin)
	return text[:i], text[i:j], text[j:], nil
}

const head = "| part | case | reference | largest deviation | at most |\n|---|---|---|---|---|\n"

func table(rows []Row) string {
	var out strings.Builder
	out.WriteString(head)
	for _, r := range rows {
		fmt.Fprintf(&out, "%s%.0e | %.0e |\n", r.key(), r.Deviation, r.Limit)
	}
	return out.String()
}

// key is a row without its numbers.
func (r Row) key() string { return fmt.Sprintf("| %s | %s | %s | ", r.Part, r.Case, r.Reference) }

// stale says what is wrong with a table; "" when nothing is.
func stale(body string, rows []Row) string {
	lines := strings.Split(strings.TrimSuffix(strings.TrimPrefix(body, head), "\n"), "\n")
	for _, r := range rows {
		at := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, r.key()) })
		if at < 0 {
			return fmt.Sprintf("there is no row %q", r.key())
		}
		numbers := strings.Split(strings.Trim(strings.TrimPrefix(lines[at], r.key()), " |"), " | ")
		was, err := strconv.ParseFloat(numbers[0], 64)
		if err != nil || len(numbers) != 2 || was > r.Limit || numbers[1] != fmt.Sprintf("%.0e", r.Limit) {
			return fmt.Sprintf("the numbers of %q are %v", r.key(), numbers)
		}
		lines = slices.Delete(lines, at, at+1)
	}
	if len(lines) > 0 && lines[0] != "" {
		return fmt.Sprintf("%q is compared no more", lines[0])
	}
	return ""
}

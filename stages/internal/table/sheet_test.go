package table

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// read is a table of a text.
func parsed(t testing.TB, text string) Sheet {
	t.Helper()
	out, err := Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// texts are the rows of a table, its columns first.
func texts(s Sheet) string {
	out := []string{strings.Join(s.Columns, ",")}
	for _, r := range s.Rows {
		var cells []string
		for _, column := range s.Columns {
			cells = append(cells, r.Cell(column))
		}
		out = append(out, strings.Join(cells, ","))
	}
	return strings.Join(out, "|")
}

// TestColumns: further ones are made of others, and a copy of the rows does not know them.
func TestColumns(t *testing.T) {
	t.Parallel()
	s := parsed(t, "path,label\np1/a.png,0\np2/b.png,1\n")
	copied := s
	copied.Rows = slices.Clone(s.Rows)
	s.Extract("patient", "path", regexp.MustCompile("p([0-9])/"))
	s.Extract("label 2", "label", regexp.MustCompile("1"))
	if got, want := texts(s), "path,label,patient,label 2|p1/a.png,0,1,|p2/b.png,1,2,1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if copied.Has("patient") || copied.Rows[0].Cell("patient") != "" {
		t.Errorf("the copy has %q", texts(copied))
	}
	s.Rows[1].Set("patient", "x")
	s.Rows[1].Set("none", "x")
	if got := texts(s); !strings.HasSuffix(got, "p2/b.png,1,x,1") {
		t.Errorf("got %s", got)
	}
	if s.First("none", "label", "path") != "label" || s.First("none") != "" {
		t.Error("the first column that is there")
	}
	err := s.Wants("data.x", "lable", "the table").Err()
	if err == nil || !strings.Contains(err.Error(), `data.x: the table has no column "lable"; did you mean label`) {
		t.Errorf("got %v", err)
	}
	if err := s.Require("x.csv", []string{"path", "one", "two"}); err == nil || err.Error() != "x.csv: there is no column one, two; have path, label, patient, label 2" {
		t.Errorf("got %v", err)
	}
}

// TestRowsOfOthers: those of another table count with the columns that this one has.
func TestRowsOfOthers(t *testing.T) {
	t.Parallel()
	s := parsed(t, "a,b\n1,2\n")
	s.Append(parsed(t, "c,b\n3,4\n"))
	if got := texts(s); got != "a,b|1,2|,4" || s.Rows[1].Line != 2 {
		t.Errorf("got %s, line %d", got, s.Rows[1].Line)
	}
	nothing := Sheet{Columns: []string{"a", "b"}}
	nothing.Append(parsed(t, "b,a\n3,4\n5,6\n"))
	if got := texts(nothing); got != "a,b|4,3|6,5" {
		t.Errorf("got %s", got)
	}
}

// TestMelt: each row becomes some, and a column of the same name is replaced.
func TestMelt(t *testing.T) {
	t.Parallel()
	s := parsed(t, "id,left,right\n1,a,b\n2,c,\n")
	sides := []string{"left", "right"}
	s.Melt(2, []string{"image", "id"}, func(r Row, i int, column string) string {
		if column == "id" {
			return r.Cell("id") + sides[i]
		}
		return r.Cell(sides[i])
	})
	if got, want := texts(s), "id,left,right,image|1left,a,b,a|1right,a,b,b|2left,c,,c|2right,c,,"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if s.Rows[2].Of != 2 || s.Rows[1].Of != 1 || s.Rows[3].Line != 3 {
		t.Errorf("got %+v", s.Rows)
	}
	if s.Repeats("left") || parsed(t, "id\n1\n2\n").Repeats("id") {
		t.Error("the rows of one are one, which says nothing again")
	}
}

// TestJoin: rows find their partners by a key, however its numbers are written.
func TestJoin(t *testing.T) {
	t.Parallel()
	s := parsed(t, "id,x\n8.0,a\n9,b\n,c\n")
	more := Keyed{Sheet: parsed(t, "key,x,age\n8,other,30\n8.0,other,30\n7,other,40\n"), Keys: []string{"key"}, Name: "more.csv"}
	alone, err := s.Join([]string{"id"}, more)
	if got, want := texts(s), "id,x,age|8.0,a,30|9,b,|,c,"; err != nil || got != want || len(alone) != 2 || alone[0].Line != 3 {
		t.Errorf("got %s, %d alone, %v, want %s", got, len(alone), err, want)
	}
	none := parsed(t, "id\n1\n2\n")
	if alone, err := none.Join([]string{"id"}, more); err != nil || len(alone) != 2 || none.Has("age") {
		t.Errorf("got %s, %d alone, %v", texts(none), len(alone), err)
	}
	more.Sheet = parsed(t, "key,age\n8,30\n8,31\n")
	if _, err := none.Join([]string{"id"}, more); err == nil || !strings.HasPrefix(err.Error(), "more.csv has lines 2 and 3 for 8, and their age differ") {
		t.Errorf("got %v", err)
	}
}

// TestLostZeros: a spreadsheet took ids for numbers.
func TestLostZeros(t *testing.T) {
	t.Parallel()
	ids := parsed(t, "id\n007\n010\n123\n")
	for text, want := range map[string]int{"id\n7\n10\n": 2, "id\n007\n010\n": 0, "id\n123\n": 0, "id\n7\n123\n": 2} {
		if got := ids.LostZeros("id", parsed(t, text), "id"); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
	if got := parsed(t, "id\n007\n07\n").LostZeros("id", parsed(t, "id\n7\n"), "id"); got != 0 {
		t.Errorf("got %d for two ids that differ in zeros alone, want 0", got)
	}
}

// TestNames: a list has a name on each line, whatever stands behind it.
func TestNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{"list.txt": "\"a.png\"\n images\\b.png , 1\n\n./c/../d.png;x\n", "empty.txt": "\n \n", ".hidden.csv": "x", "~$open.xlsx": "x", "t.csv.gz": "x", "notes.md": "x"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Names(filepath.Join(dir, "list.txt"))
	if want := []string{"a.png", "images/b.png", "d.png"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := Names(filepath.Join(dir, "empty.txt")); err == nil || !strings.HasSuffix(err.Error(), "empty.txt is empty") {
		t.Errorf("got %v", err)
	}
	var names []string
	for _, path := range In(dir) {
		names = append(names, filepath.Base(path))
	}
	if want := []string{"empty.txt", "list.txt", "t.csv.gz"}; !slices.Equal(names, want) {
		t.Errorf("the tables are %q, want %q", names, want)
	}
}

// TestSpread takes rows from all over.
func TestSpread(t *testing.T) {
	t.Parallel()
	rows := parsed(t, "n\n0\n1\n2\n3\n4\n5\n").Rows
	var got []string
	for _, r := range Spread(rows, 3) {
		got = append(got, r.Cell("n"))
	}
	if !slices.Equal(got, []string{"0", "2", "4"}) || len(Spread(rows, 9)) != 6 || Spread(nil, 3) != nil {
		t.Errorf("got %q", got)
	}
}

// FuzzParse: whatever a file holds gives a table or an error, and each row has the columns.
func FuzzParse(f *testing.F) {
	for _, text := range []string{"a,b\n1,2\n", "sep=;\na;b\n1;2\n", "a b\n1 2\n", "\xff\xfea\x00,\x00b\x00", "\"a\nb\",c\n1,\"2\n", "PK\x03\x04", "\x1f\x8b"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := Parse(data)
		if err != nil {
			return
		}
		for _, r := range s.Rows {
			if len(r.cells) != len(s.Columns) || r.Line < 1 {
				t.Errorf("line %d has %d cells, of %d columns", r.Line, len(r.cells), len(s.Columns))
			}
		}
	})
}

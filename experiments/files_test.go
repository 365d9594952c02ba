package experiments

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/registry"
)

// expectation is what the comments at the head of a test file say: `# want:`
// is a message (one that ends in ... is the beginning of a message), `# set:`
// an assignment.
func expectation(t *testing.T, file string) (wants, sets []string) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		if want, ok := strings.CutPrefix(lines.Text(), "# want: "); ok {
			wants = append(wants, want)
		} else if set, ok := strings.CutPrefix(lines.Text(), "# set: "); ok {
			sets = append(sets, set)
		} else {
			break
		}
	}
	return wants, sets
}

// compare holds problems against the expectations, both in order. Files are
// named relative to the folder; the test file itself is not named.
func compare(t *testing.T, file string, problems registry.Problems, wants []string) {
	t.Helper()
	var got []string
	for _, p := range problems {
		text := strings.TrimPrefix(p.Error(), file+": ")
		text = strings.TrimPrefix(text, file+":")
		got = append(got, strings.ReplaceAll(text, filepath.Dir(file)+"/", ""))
	}
	same := len(got) == len(wants)
	for i := 0; same && i < len(got); i++ {
		start, open := strings.CutSuffix(wants[i], "...")
		same = got[i] == wants[i] || open && strings.HasPrefix(got[i], start)
	}
	if !same {
		t.Errorf("got\n# want: %s\nwant\n# want: %s", strings.Join(got, "\n# want: "), strings.Join(wants, "\n# want: "))
	}
}

func testFiles(t *testing.T, folder string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", folder, err)
	}
	return files
}

// One file is one mistake.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	for _, file := range testFiles(t, "bad") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			wants, sets := expectation(t, file)
			_, _, err := Load(file, sets)
			problems, ok := err.(registry.Problems)
			if !ok {
				t.Fatalf("got %v, want problems", err)
			}
			compare(t, file, problems, wants)
		})
	}
}

func TestWarnings(t *testing.T) {
	t.Parallel()
	for _, file := range testFiles(t, "warn") {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			wants, sets := expectation(t, file)
			_, warnings, err := Load(file, sets)
			if err != nil {
				t.Fatal(err)
			}
			compare(t, file, warnings, wants)
		})
	}
}

// Good files load without a word, and so does what they resolve to.
func TestGoodFiles(t *testing.T) {
	t.Parallel()
	for _, file := range testFiles(t, "good") {
		e, warnings, err := Load(file, nil)
		if err != nil || len(warnings) > 0 {
			t.Errorf("%s: %v, %v", file, err, warnings)
		}
		checkResolved(t, file, e)
	}
}

// The files beside this package are its examples.
func TestShippedFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		e, _, err := Load(file, nil)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		checkResolved(t, file, e)
	}
}

func checkResolved(t *testing.T, file string, e Experiment) {
	t.Helper()
	again, _, err := loadExperiment(inMemory(map[string]string{"resolved.yaml": string(Resolved(e))}), "resolved.yaml", nil)
	if err != nil || !reflect.DeepEqual(again, e) {
		t.Errorf("%s resolved: %v\ngot  %+v\nwant %+v", file, err, again, e)
	}
}

// What is left of the defaults when only what is required is said must be legal.
func TestDefaultIsLegal(t *testing.T) {
	t.Parallel()
	e, _, err := Load("testdata/bad/base/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	if e.Seed != 42 || e.Data.Source.Name != "rsna" || len(e.Preprocess) == 0 || e.Model.Backbone.Part == nil {
		t.Errorf("got %+v", e)
	}
	checkResolved(t, "default", e)
}

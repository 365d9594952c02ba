package experiments

import (
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// within says where an entry of a block stands that begins further in: the path of what is
// around it, by the entry's name.
var within = map[string]string{
	"source": "data", "split": "data", "drop": "data", "keep": "data", "rules": "data", "label": "data",
	"sample": "data", "views": "data", "targets": "data", "merge": "data", "covariates": "data",
	"table": "data.source", "folders": "data.source", "backbone": "model", "input": "model", "phases": "train",
	"image": "data.source.table", "images": "data.source.table", "labels": "data.source.table", "classes": "data.source.table",
	"missing": "data.source.table", "replace": "data.source.table", "extract": "data.source.table", "join": "data.source.table",
	"cut": "data.source.table", "only": "data.source.table", "columns": "data.source.table", "held_out": "data.source.table",
}

// ofManyPlaces are entries that stand at more than one place.
var ofManyPlaces = []string{"theirs", "rotate", "runner"}

var (
	section = regexp.MustCompile(`^(- )?[a-z_]+:( |$)`)
	// incomplete is what is wrong with a fragment alone, or with it in the demo, which has a test split.
	incomplete = regexp.MustCompile(` is missing| does not exist|the images have|no middle |sees volumes|would take cases out before`)
)

// TestDocsFragments loads each piece of an experiment that the pages show, put into the demo: a
// setting or a part that is called otherwise today is a mistake here.
func TestDocsFragments(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	tried := 0
	for _, page := range append(pages, "../README.md") {
		data, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, fragment := range fragments(string(data)) {
			tried++
			for _, problem := range loadFragment(t, fragment) {
				if !incomplete.MatchString(problem.Text) {
					t.Errorf("%s: %s\nof\n%s", page, problem.Error(), fragment)
				}
			}
		}
	}
	if tried < 60 {
		t.Errorf("only %d pieces were found", tried)
	}
}

// fragments are the YAML of a page: of its indented blocks and of its code in backticks, an entry
// of the outermost level each; entries that name a file's parent stay together.
func fragments(page string) (out []string) {
	block := []string{}
	end := func() {
		text := strings.Join(block, "\n")
		if block = nil; strings.HasPrefix(text, "extends:") || strings.HasPrefix(text, "name:") {
			out = append(out, text)
			return
		}
		var one []string
		for line := range strings.SplitSeq(text+"\nend: ", "\n") {
			if section.MatchString(line) && len(one) > 0 {
				out, one = append(out, strings.Join(one, "\n")), nil
			}
			one = append(one, line)
		}
	}
	for line := range strings.SplitSeq(page+"\nend", "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "runner ") {
			line = ""
		}
		if code, is := strings.CutPrefix(line, "    "); is && (len(block) > 0 || section.MatchString(code)) {
			block = append(block, code)
			continue
		}
		if len(block) > 0 && line != "" {
			end()
		}
	}
	for _, span := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(page, -1) {
		if code := strings.ReplaceAll(span[1], `\|`, "|"); section.MatchString(code) && strings.ContainsAny(code, "{[") {
			out = append(out, code)
		}
	}
	return slices.DeleteFunc(out, func(one string) bool {
		return !section.MatchString(one) || strings.Contains(one, "…") || slices.Contains(ofManyPlaces, strings.Split(one, ":")[0])
	})
}

// loadFragment gives the mistakes of a fragment that is put where it belongs in the demo.
func loadFragment(t *testing.T, fragment string) (out registry.Problems) {
	t.Helper()
	var head map[string]any
	if err := yaml.Unmarshal([]byte(fragment), &head); err != nil {
		t.Errorf("%v\nof\n%s", err, fragment)
		return nil
	}
	text := fragment
	for name := range head {
		around := within[name]
		for around != "" {
			parts := strings.Split(around, ".")
			last := parts[len(parts)-1]
			text = last + ":\n  " + strings.ReplaceAll(text, "\n", "\n  ")
			around = strings.Join(parts[:len(parts)-1], ".")
		}
	}
	if _, whole := head["name"]; !whole {
		text = "name: fragment\n" + text
	}
	if _, extends := head["extends"]; !extends {
		text = "extends: demo.yaml\n" + text
	}
	text = regexp.MustCompile(`(?m)^extends: [a-z-]+\.yaml`).ReplaceAllString(text, "extends: demo.yaml")
	read := func(path string) ([]byte, error) {
		if filepath.Base(path) == "fragment.yaml" {
			return []byte(text), nil
		}
		return fromDisk(path)
	}
	_, _, err := loadExperiment(read, "fragment.yaml", nil)
	var problems registry.Problems
	if err != nil && !errors.As(err, &problems) {
		t.Errorf("%v\nof\n%s", err, fragment)
	}
	return problems
}

// TestDocsPaths asks for each setting that the pages name by its path.
func TestDocsPaths(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob("../docs/*.md")
	if err != nil {
		t.Fatal(err)
	}
	path := regexp.MustCompile("`((?:data|augment|model|train|evaluate|sweep)\\.[a-z_.]+)[:`]")
	unknown, tried := regexp.MustCompile(`: no [a-z ]+ "`), 0
	for _, page := range append(pages, "../README.md", "../ARCHITECTURE.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range path.FindAllStringSubmatch(string(text), -1) {
			tried++
			_, _, err := loadExperiment(fromDisk, "demo.yaml", []string{found[1] + "=5"})
			if err != nil && unknown.MatchString(err.Error()) && !strings.Contains(err.Error(), `"5"`) {
				t.Errorf("%s: %s: %v", page, found[1], err)
			}
		}
	}
	if tried < 60 {
		t.Errorf("only %d paths were found", tried)
	}
}

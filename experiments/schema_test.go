package experiments

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

var update = flag.Bool("update", false, "write the generated files again")

// generated holds a file against what would be generated today.
func generated(t *testing.T, path string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is stale (%v); run: make generate", path, err)
	}
}

// It does not run beside those that read the file.
func TestSchemaIsFresh(t *testing.T) {
	want, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	generated(t, "schema.json", want)
}

// validator reads schema.json as an editor does; the library also holds it
// against the schema of schemas.
func validator(t *testing.T) *jsonschema.Schema {
	t.Helper()
	s, err := jsonschema.NewCompiler().Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// asJSON reads YAML as an editor does. Not every file can be read so.
func asJSON(file string) (any, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var value, second any
	documents := yaml.NewDecoder(bytes.NewReader(data))
	if err := documents.Decode(&value); err != nil {
		return nil, err
	}
	if err := documents.Decode(&second); err == nil {
		return nil, errors.New("a second document")
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return jsonschema.UnmarshalJSON(bytes.NewReader(text))
}

// What the loader takes the schema takes.
func TestSchemaTakesGoodFiles(t *testing.T) {
	t.Parallel()
	schema := validator(t)
	for _, pattern := range []string{"*.yaml", "testdata/good/*.yaml", "testdata/warn/*.yaml", "testdata/bad/base/whole.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			value, err := asJSON(file)
			if err != nil {
				t.Errorf("%s: %v", file, err)
			} else if err := schema.Validate(value); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}

// A file that is wrong by structure is wrong for the schema too. What only the
// loader can see says so in its last line: `# schema: blind`.
func TestSchemaRefusesBadFiles(t *testing.T) {
	t.Parallel()
	schema := validator(t)
	for _, file := range testFiles(t, "bad") {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		blind := bytes.HasSuffix(data, []byte("\n# schema: blind\n"))
		value, err := asJSON(file)
		valid := err == nil && schema.Validate(value) == nil
		if valid != blind {
			t.Errorf("%s: valid is %v, want %v", file, valid, blind)
		}
	}
}

// What is resolved is a whole file of its own.
func TestSchemaTakesResolved(t *testing.T) {
	t.Parallel()
	e, _, err := Load("testdata/good/whole.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "resolved.yaml")
	if err := os.WriteFile(file, Resolved(e), 0o600); err != nil {
		t.Fatal(err)
	}
	value, err := asJSON(file)
	if err == nil {
		err = validator(t).Validate(value)
	}
	if err != nil {
		t.Error(err)
	}
}

// Every object of the schema is closed, but those with free names.
func TestSchemaIsClosed(t *testing.T) {
	t.Parallel()
	text, err := Schema()
	if err != nil {
		t.Fatal(err)
	}
	var root any
	if err := json.Unmarshal(text, &root); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case map[string]any:
			if _, open := v["additionalProperties"]; v["properties"] != nil && !open {
				t.Errorf("%s: no additionalProperties", path)
			}
			for name, below := range v {
				walk(path+"/"+name, below)
			}
		case []any:
			for _, below := range v {
				walk(path, below)
			}
		}
	}
	walk("#", root)
}

// Every part has an example, and every example is legal.
func TestExamples(t *testing.T) {
	t.Parallel()
	if err := registry.CheckExamples(Default()).Err(); err != nil {
		t.Error(err)
	}
	for _, kind := range registry.KindsOf(Default()) {
		for _, p := range kind.Parts {
			if strings.TrimSpace(p.Example) == "" {
				t.Errorf("%s %s has no example", kind.What, p.Name)
			}
		}
	}
}

package registry

import (
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

type counted struct {
	Batch Count `help:"images" min:"1" max:"64"`
}

func TestCount(t *testing.T) {
	for text, want := range map[string]string{
		"batch: 8":        "8",
		"batch: auto":     "auto",
		"{}":              "4",
		"batch: 0":        "at least 1",
		"batch: 65":       "at most 64",
		"batch: autos":    `want a whole number or auto, got "autos"`,
		"batch: [auto]":   "want a whole number or auto, got a list of 1 value",
		"batch: ":         "is empty",
		"batch: \"8\"":    `want a whole number`,
		"batch: \"auto\"": "auto",
	} {
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(text), &root); err != nil {
			t.Fatal(err)
		}
		v := counted{Batch: 4}
		problems := Decode(&root, "f", &v)
		got := Encode(v).Content[1].Value
		if len(problems) > 0 {
			got = problems[0].Text
		}
		if !strings.Contains(got, want) || len(problems) == 0 && got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

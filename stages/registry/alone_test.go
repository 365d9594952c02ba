package registry

import (
	"reflect"
	"strings"
	"testing"
)

type coloured map[string]string

func (coloured) Alone() string { return "name" }

type palette struct {
	Of map[string]coloured `help:"colours"`
}

func decodePalette(text string) (palette, Problems) {
	var p palette
	n, problems := Parse("f", []byte(text))
	if n != nil {
		problems = append(problems, Decode(n, "f", &p)...)
	}
	return p, problems
}

// TestAlone: one value of a map may be written alone; what is written out is read back.
func TestAlone(t *testing.T) {
	t.Parallel()
	want := palette{map[string]coloured{"sky": {"name": "blue"}, "sun": {"name": "7", "at": "noon"}}}
	for _, text := range []string{"of: {sky: blue, sun: {name: 7, at: noon}}", "of: {sky: {name: blue}, sun: {at: noon, name: 7}}"} {
		if got, problems := decodePalette(text); problems.Err() != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", text, got, problems)
		}
	}
	again := palette{}
	if problems := Decode(Encode(want), "f", &again); problems.Err() != nil || !reflect.DeepEqual(again, want) {
		t.Errorf("got %+v, %v", again, problems)
	}
	for text, want := range map[string]string{
		"of: {sky: [blue]}":     "f:1:11: of.sky: want a map of names to values, got a list of 1 value",
		"of: {sky: true}":       `f:1:11: of.sky.name: want text, got true; write "true" in quotes if the word is meant`,
		"of: {sky: {name: []}}": "of.sky.name: want text, got a list of 0 values",
		"of: {sky: }":           "of.sky: is empty",
	} {
		if _, problems := decodePalette(text); !strings.Contains(problems.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, problems, want)
		}
	}
	if got := SettingsOf(palette{})[0].Element; got.Alone != "name" || got.Type != "map" {
		t.Errorf("got %+v", got)
	}
}

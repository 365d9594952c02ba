package experiments

import (
	"strings"

	"vertebra/stages/registry"
)

// Section is what a place of a file says: its settings, or the one setting that stands there.
type Section struct {
	Path     string
	Settings []SectionSetting
}

// SectionSetting is a setting for people: what it may hold, and what it holds by itself, or of a
// section the command that shows it.
type SectionSetting struct{ Name, Help, Value, Default string }

// SectionAt finds a section or a setting by its path, such as train, data.split or
// train.phases; numbers and brackets of lists may stand in it and count nothing.
func SectionAt(path string) (Section, bool) {
	all, out := registry.SettingsOf(Default()), Section{Path: path}
	var last *registry.Setting
	for word := range strings.SplitSeq(path, ".") {
		if word = strings.TrimSuffix(word, "[]"); word == "" || strings.Trim(word, "0123456789") == "" {
			continue
		}
		at := -1
		for i, s := range all {
			if s.Name == word {
				at = i
			}
		}
		if at < 0 {
			return out, false
		}
		last = &all[at]
		all = elementOf(*last).Settings
	}
	if last == nil {
		return out, false
	}
	if len(all) == 0 {
		all = []registry.Setting{*last}
	}
	for _, s := range all {
		if inner := elementOf(s); inner.Type == "settings" && s.Name != last.Name {
			out.Settings = append(out.Settings, SectionSetting{Name: s.Name, Help: s.Help, Value: legalValues(s), Default: "runner parts " + path + "." + s.Name})
			continue
		}
		value := strings.NewReplacer("**", "", "`", "", `\|`, "|").Replace(shownDefault(s))
		out.Settings = append(out.Settings, SectionSetting{Name: s.Name, Help: s.Help, Value: legalValues(s), Default: value})
	}
	return out, true
}

// elementOf is what a list or a map holds; another setting itself.
func elementOf(s registry.Setting) registry.Setting {
	for s.Type == "list" || s.Type == "map" {
		s = *s.Element
	}
	return s
}

// SectionNames are the outermost sections that have settings of their own.
func SectionNames() (out []string) {
	for _, s := range registry.SettingsOf(Default()) {
		if s.Type == "settings" {
			out = append(out, s.Name)
		}
	}
	return out
}

package audit

import (
	"fmt"
	"maps"
	"slices"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Problems are classes that are to become two, and lists of classes that are none.
func (cfg Config) Problems() (out []registry.FieldProblem) {
	in := map[string]string{}
	for _, into := range slices.Sorted(maps.Keys(cfg.Merge)) {
		for _, class := range cfg.Merge[into] {
			if other, taken := in[class]; taken {
				out = append(out, registry.FieldProblem{Path: "merge." + into, Text: fmt.Sprintf("class %s becomes %s already", class, other), Hint: "name it once"})
			}
			in[class] = into
		}
	}
	return append(out, cfg.targetClassProblems()...)
}

// merge makes one class of several, which stands where the first of them stood. Of data that nets
// are asked about, whose classes are known, those need not occur, and may be merged already.
func (f *Found) merge(groups map[string][]string, known []string) error {
	if len(groups) == 0 {
		return nil
	}
	into, err := f.into(groups, known)
	if err != nil {
		return err
	}
	var classes []string
	label := make([]int, len(f.Classes))
	for i, class := range f.Classes {
		if into[class] != "" {
			class = into[class]
		}
		at := slices.Index(classes, class)
		if at < 0 {
			at, classes = len(classes), append(classes, class)
		}
		label[i] = at
	}
	if len(classes) < 2 && known == nil {
		return stage.Wrong{Path: "data.merge", Err: stage.Fault{Err: fmt.Errorf("all classes become %s: there is nothing to tell apart", classes[0]), Hint: "leave a class out of it"}}
	}
	f.Classes = classes
	for i := range f.Cases {
		f.Cases[i].Label = label[f.Cases[i].Label]
	}
	return nil
}

// as numbers the classes as nets do that know all of them; where they do not, whoever asks the
// nets will see that.
func (f *Found) as(known []string) {
	place := make([]int, len(f.Classes))
	for i, class := range f.Classes {
		if place[i] = slices.Index(known, class); place[i] < 0 {
			return
		}
	}
	f.Classes = known
	for i := range f.Cases {
		f.Cases[i].Label = place[f.Cases[i].Label]
	}
}

// into says what each class becomes.
func (f *Found) into(groups map[string][]string, known []string) (map[string]string, error) {
	out := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(groups)) {
		for i, class := range groups[name] {
			if !slices.Contains(f.Classes, class) {
				if slices.Contains(known, name) {
					continue
				}
				return nil, stage.Wrong{Path: fmt.Sprintf("data.merge.%s.%d", name, i), Err: stage.Fault{Err: fmt.Errorf("there is no class %q", class), Hint: registry.Suggest(class, f.Classes)}}
			}
			out[class] = name
		}
	}
	for name := range groups {
		if slices.Contains(f.Classes, name) && out[name] == "" && !slices.Contains(known, name) {
			return nil, stage.Wrong{Path: "data.merge." + name, Err: stage.Fault{Err: fmt.Errorf("there is a class %s already, which is not among those that become it", name), Hint: "add it to the list, or choose another name"}}
		}
	}
	return out, nil
}

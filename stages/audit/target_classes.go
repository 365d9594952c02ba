package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Targets may have classes of their own: the density of a breast and whether a mass is
// malignant. All names stand in one list of classes; Cases.Among says which are whose.

func init() {
	addRule(Rule{ID: "label_of_no_class", Title: "label that is no class of its target", Severity: severe, Do: drop, Unusable: true,
		Reason: "data.target_classes names the classes of its target, and it is none of them", find: labelsOfNoClass})
}

func labelsOfNoClass(v *view) (out []hit) {
	for _, c := range v.Cases.Cases {
		if q := v.Questions(); len(v.Targets) > 0 && !q.Has(c.Target, c.Label) {
			out = append(out, hit{id: c.ID, detail: fmt.Sprintf("%q is none of %s", v.Classes[c.Label], strings.Join(q.Names(c.Target), ", "))})
		}
	}
	return out
}

// checkTargetClasses wants names of targets and of classes that there are.
func (v *view) checkTargetClasses(cfg Config) error {
	known := slices.Compact(slices.Sorted(slices.Values(slices.Concat(v.Targets, cfg.wantedTargets()))))
	for _, name := range slices.Sorted(maps.Keys(cfg.TargetClasses)) {
		path := "data.target_classes." + name
		if !slices.Contains(known, name) {
			if cfg.anyTargets {
				continue
			}
			return stage.Wrong{Path: path, Err: stage.Fault{Err: fmt.Errorf("there is no target %q", name), Hint: registry.Suggest(name, known)}}
		}
		for i, class := range cfg.TargetClasses[name] {
			switch {
			case slices.Contains(v.Classes, class):
			case cfg.anyTargets: // the file says nothing of it
				return stage.Fault{Err: fmt.Errorf("the net's class %q of %s is none of the data's: %s", class, name, strings.Join(v.Classes, ", ")), Hint: "name the run's classes alone in the data source; data.merge renames classes"}
			default:
				return stage.Wrong{Path: fmt.Sprintf("%s.%d", path, i), Err: stage.Fault{Err: fmt.Errorf("there is no class %q", class), Hint: registry.Suggest(class, v.Classes)}}
			}
		}
	}
	return nil
}

// Asked is the section of other data with the questions of a run: its samples, targets and
// their classes, unless the data names classes itself. Targets may be missing there, and
// classes need not occur, nor stand in the run's order; where the targets of the run share all classes, those of the data do,
// whatever occurs.
func (cfg Config) Asked(run Config, asked stage.Questions) Config {
	cfg.Sample, cfg.Label, cfg.Targets, cfg.known = run.Sample, run.Label, run.Targets, asked.Classes
	cfg.PseudoLabels = nil // which are there to be trained on
	if cfg.TargetClasses == nil {
		cfg.TargetClasses, cfg.anyTargets, cfg.shareAll = asked.ByName(), true, asked.Among == nil
	}
	return cfg
}

// giveClasses finds the classes of each target: those that data.target_classes names; of
// the other targets of a table without named classes those of all that share one; else all.
func (v *view) giveClasses(cfg Config) {
	v.Among = nil
	if len(v.Targets) == 0 || cfg.shareAll {
		return
	}
	among, open := make([][]int, len(v.Targets)), []int{}
	for target, name := range v.Targets {
		for _, class := range cfg.TargetClasses[name] {
			among[target] = append(among[target], slices.Index(v.Classes, class))
		}
		if among[target] == nil {
			open = append(open, target)
		}
	}
	v.shareClasses(cfg, among, open)
	whole := stage.Questions{Classes: v.Classes}.Of(0)
	if slices.ContainsFunc(among, func(of []int) bool { return !slices.Equal(of, whole) }) {
		v.Among = among
	}
	if v.Among != nil && cfg.guessesClasses() {
		v.sortClasses(cfg)
	}
}

// sortClasses puts the classes of a target side by side, in its order; whose names occur
// alone have no order to keep. Targets that no case is of have their place all the same.
func (v *view) sortClasses(cfg Config) {
	of := map[string][]int{}
	for name, classes := range cfg.TargetClasses {
		for _, class := range classes {
			of[name] = append(of[name], slices.Index(v.Classes, class))
		}
	}
	for target, name := range v.Targets {
		of[name] = v.Among[target]
	}
	var order []int // of the classes: where they stood
	add := func(class int) {
		if class >= 0 && !slices.Contains(order, class) {
			order = append(order, class)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(of)) {
		for _, class := range of[name] {
			add(class)
		}
	}
	for class := range v.Classes {
		add(class)
	}
	names, place := make([]string, len(order)), make([]int, len(order))
	for at, class := range order {
		names[at], place[class] = v.Classes[class], at
	}
	v.Classes = names
	for i := range v.Cases.Cases {
		v.Cases.Cases[i].Label = place[v.Cases.Cases[i].Label]
	}
	for target, of := range v.Among {
		v.Among[target] = slices.Clone(of) // targets may share a list
		for i, class := range of {
			v.Among[target][i] = place[class]
		}
	}
}

// shareClasses gives the open targets their classes. Those that occur for one target are
// classes of each target that shares one with it, since a rare class may never occur for
// some. A group of targets with a single class would tell nothing apart: all then share.
func (v *view) shareClasses(cfg Config, among [][]int, open []int) {
	if !cfg.guessesClasses() {
		for _, target := range open {
			among[target] = stage.Questions{Classes: v.Classes}.Of(0)
		}
		return
	}
	found := v.occurring()
	for _, group := range found.sharing(open) {
		of := found.of(group)
		for _, target := range group {
			among[target] = of
		}
	}
}

// occurring says which classes occur for each target.
type occurring [][]bool

func (v *view) occurring() occurring {
	out := make(occurring, len(v.Targets))
	for target := range out {
		out[target] = make([]bool, len(v.Classes))
	}
	for _, c := range v.Cases.Cases {
		out[c.Target][c.Label] = true
	}
	return out
}

// of lists the classes that occur for some targets.
func (o occurring) of(targets []int) (out []int) {
	for _, target := range targets {
		for class, occurs := range o[target] {
			if occurs && !slices.Contains(out, class) {
				out = append(out, class)
			}
		}
	}
	slices.Sort(out)
	return out
}

// sharing puts targets that share a class into a group.
func (o occurring) sharing(targets []int) (groups [][]int) {
	for _, target := range targets {
		group := []int{target}
		apart := func(other []int) bool {
			return !slices.ContainsFunc(o.of(group), func(class int) bool { return slices.Contains(o.of(other), class) })
		}
		var others [][]int
		for _, other := range groups {
			if apart(other) {
				others = append(others, other)
			} else {
				group = append(group, other...)
			}
		}
		groups = append(others, group)
	}
	if len(groups) > 1 && slices.ContainsFunc(groups, func(group []int) bool { return len(o.of(group)) < 2 }) {
		return [][]int{targets}
	}
	return groups
}

// guessesClasses says whether classes are whatever labels occur.
func (cfg Config) guessesClasses() bool {
	t, ok := cfg.Source.Part.(Table)
	return ok && len(t.Classes) == 0 && t.Separator == "" && !t.OneHot
}

// wantedTargets are those that a table names.
func (cfg Config) wantedTargets() []string {
	t, ok := cfg.Source.Part.(Table)
	switch {
	case !ok || len(cfg.Targets) > 0:
		return nil
	case t.Separator != "":
		return t.Findings
	}
	return t.Labels
}

// inOrder puts classes that occur into the order in which data.target_classes names them,
// before those that it does not name, and adds those that occur for no target. Names that
// data.merge makes come later; of another run's, what they are made of need not occur either.
func (cfg Config) inOrder(occur []string) (out []string) {
	add := func(classes ...string) {
		for _, class := range classes {
			if !slices.Contains(out, class) {
				out = append(out, class)
			}
		}
	}
	for _, target := range slices.Sorted(maps.Keys(cfg.TargetClasses)) {
		for _, class := range cfg.TargetClasses[target] {
			of, made := cfg.Merge[class]
			switch {
			case !made:
				add(class)
			case cfg.anyTargets:
				add(of...)
			}
		}
	}
	add(occur...)
	return out
}

// worse says whether a label of a target counts more than another.
func (cfg Config) worse(classes []string, target string, label, than int) bool {
	if own := cfg.TargetClasses[target]; own != nil && label >= 0 && than >= 0 {
		return slices.Index(own, classes[label]) > slices.Index(own, classes[than])
	}
	return label > than
}

// targetClassProblems are mistakes that the file alone shows.
func (cfg Config) targetClassProblems() (out []registry.FieldProblem) {
	for _, name := range slices.Sorted(maps.Keys(cfg.TargetClasses)) {
		path, classes := "target_classes."+name, cfg.TargetClasses[name]
		if len(classes) < 2 {
			out = append(out, registry.FieldProblem{Path: path, Text: "a target has at least two classes", Hint: "name those that its labels are"})
		}
		if err := onceEach(name, classes); err != nil {
			out = append(out, registry.FieldProblem{Path: path, Text: err.Error(), Hint: "name it once"})
		}
	}
	return out
}

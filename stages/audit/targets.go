package audit

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// all as Config.Label makes one sample of labels that a net answers at once.
const all = "all"

func init() {
	addRule(Rule{ID: "target_without_class", Title: "target that a class never occurs in", Severity: warning, Do: keep, Unit: "targets",
		Reason: "the net answers each target with all its classes, and cannot learn this one: leave the target or the class out, or name the classes of the target in data.target_classes",
		Asked:  "what is measured of the target says nothing of that class: that takes data in which it occurs",
		find:   targetsWithoutClass})
}

// seen names what is seen of a labelled row or point: the sample of its labels.
func seen(c stage.Case) string {
	switch {
	case c.Sample != "": // several labels of a row
		return c.Sample
	case c.Point != nil:
		return fmt.Sprintf("%s at %g, %g", c.Image, c.Point.X, c.Point.Y)
	case c.Marks != nil && c.Tags["level"] == "": // the views of a row
		var images []string
		for _, m := range c.Marks {
			images = append(images, m.Image)
		}
		return strings.Join(images, " + ")
	}
	return c.Image
}

// answers makes the cases of a sample that a net answers at once, which have the sample's
// images and are told apart by their target. Of several labels of one target the worst
// counts.
func (v *view) answers(cfg Config, name string, sample stage.Case, members []stage.Case) ([]stage.Case, error) {
	by := map[string]stage.Case{}
	for _, m := range members {
		words, err := cfg.targetOf(m)
		if err != nil {
			return nil, err
		}
		target, err := v.named(words)
		if err != nil {
			return nil, err
		}
		one := sample
		one.ID, one.Sample, one.Label = m.ID, name, m.Label
		tags := tagsOf(cfg.Sample, m, sample)
		tags[stage.TargetTag] = target
		one.Tags = v.tags.share(tags)
		if before, twice := by[target]; !twice || cfg.worse(v.Classes, target, m.Label, before.Label) {
			by[target] = one
		}
	}
	return slices.Collect(maps.Values(by)), nil // regroup sorts
}

// named joins the words that a target is called by. No two targets may have one name.
func (v *view) named(words []string) (string, error) {
	name := strings.Join(words, "_")
	before, known := v.names[name]
	if !known {
		v.names[name] = words
	}
	if known && !slices.Equal(before, words) {
		two := []string{strings.Join(before, ", "), strings.Join(words, ", ")}
		slices.Sort(two)
		return "", stage.Wrong{Path: "data.targets", Err: stage.Fault{
			Err:  fmt.Errorf("%s are both called %s", strings.Join(two, " and "), name),
			Hint: "rename one of the values in the table",
		}}
	}
	return name, nil
}

// targetOf says what a label is about, by the tags that tell the labels of a sample
// apart.
func (cfg Config) targetOf(c stage.Case) ([]string, error) {
	tags, setting := cfg.Targets, "data.targets"
	if len(tags) == 0 {
		tags, setting = cfg.usualTags(c), "data.label"
	} else if t, ok := cfg.Source.Part.(Table); ok && len(t.Labels) > 1 && c.Tags[stage.TargetTag] != "" && !slices.Contains(tags, stage.TargetTag) {
		return nil, stage.Wrong{Path: setting, Err: stage.Fault{
			Err:  fmt.Errorf("%s does not tell the labels of %s apart", strings.Join(tags, ", "), strings.Join(t.Labels, " and ")),
			Hint: fmt.Sprintf("add target, which is the column of a label: [%s]", strings.Join(append([]string{stage.TargetTag}, tags...), ", ")),
		}}
	}
	var words []string
	for _, tag := range tags {
		word, err := wordOf(c, tag)
		if err != nil {
			return nil, stage.Wrong{Path: setting, Err: err}
		}
		words = append(words, word)
	}
	if t, ok := cfg.Source.Part.(Table); ok && len(words) == 0 && len(t.Labels) == 1 {
		return t.Labels, nil
	}
	if len(words) == 0 {
		return nil, stage.Wrong{Path: setting, Err: stage.Fault{
			Err:  errors.New("all labels of a sample are to be answered, and nothing tells them apart"),
			Hint: "name several label columns in data.source.table, or in data.targets the tags that say what a label is about; or write label: worst",
		}}
	}
	return words, nil
}

// wordOf is the value of a tag that must have one.
func wordOf(c stage.Case, tag string) (string, error) {
	word, told := c.Tags[tag]
	switch {
	case !told:
		return "", stage.Fault{Err: fmt.Errorf("case %s has no %q", c.ID, tag), Hint: cmp.Or(registry.Suggest(tag, slices.Sorted(maps.Keys(c.Tags))), "cases have no tags")}
	case word == "":
		return "", stage.Fault{Err: fmt.Errorf("of case %s the column %s is empty", c.ID, tag), Hint: "say there what its label is about, or leave it out with data.drop"}
	}
	return word, nil
}

// targetColumns are what targets are named by.
func (cfg Config) targetColumns() (out []wantedColumn) {
	for i, name := range cfg.Targets {
		out = append(out, wantedColumn{path: fmt.Sprintf("data.targets.%d", i), name: name})
	}
	return out
}

// usualTags are those that a source tells labels apart by.
func (cfg Config) usualTags(c stage.Case) []string {
	switch {
	case c.Tags[stage.TargetTag] != "":
		return []string{stage.TargetTag}
	case c.Tags["condition"] == "":
		return nil
	case (cfg.Sample == "series" || cfg.Sample == "study") && c.Tags["level"] != "":
		return []string{"condition", "level"}
	}
	return []string{"condition"}
}

// number lists the targets, in the order of their names, and gives each case the number of
// its own.
func (v *view) number(cfg Config) {
	if cfg.Label != all {
		return
	}
	names := map[string]bool{}
	for _, c := range v.Cases.Cases {
		names[c.Tags[stage.TargetTag]] = true
	}
	v.Targets = slices.Sorted(maps.Keys(names))
	v.Cases.renumber()
	v.giveClasses(cfg)
}

// renumber gives each case the number of its target.
func (c *Cases) renumber() {
	at := make(map[string]int, len(c.Targets))
	for i, name := range c.Targets {
		at[name] = i
	}
	for i := range c.Cases {
		c.Cases[i].Target = at[c.Cases[i].Tags[stage.TargetTag]]
	}
}

// Answered refuses cases of a target that a net does not answer.
func (c Cases) Answered(asked stage.Questions) error {
	for _, name := range c.Targets {
		if !slices.Contains(asked.Targets, name) {
			return stage.Fault{Err: fmt.Errorf("the net does not answer the target %q", name), Hint: "it answers " + strings.Join(asked.Targets, ", ")}
		}
	}
	if len(asked.Targets) > 0 && len(c.Targets) == 0 {
		return stage.Fault{Err: errors.New("the net answers several targets of a sample, the cases have none"), Hint: "read them with data.label: all"}
	}
	return nil
}

// Answer numbers the cases by the targets of a net that is there already, which has the
// classes of the cases. It refuses cases that the net cannot answer.
func (c *Cases) Answer(asked stage.Questions) error {
	if err := c.Answered(asked); err != nil {
		return err
	}
	targets := asked.Targets
	c.Targets, c.Among = targets, asked.Among
	c.renumber()
	for _, one := range c.Cases {
		if !asked.Has(one.Target, one.Label) {
			return stage.Fault{Err: fmt.Errorf("the label of case %s is %s, which is no class of %s", one.ID, c.Classes[one.Label], targets[one.Target]), Hint: "the net's classes of it are " + strings.Join(asked.Names(one.Target), ", ")}
		}
	}
	return nil
}

// once keeps one case of each image and point: what rows of a long table tell apart is
// asked of all.
func (c *Cases) once() {
	known := map[string]bool{}
	c.Cases = slices.DeleteFunc(c.Cases, func(one stage.Case) bool {
		name := seen(one)
		again := known[name]
		known[name] = true
		return again
	})
}

// ask makes a case of each target of each sample.
func (c *Cases) ask(asked stage.Questions) {
	targets := asked.Targets
	if len(targets) == 0 {
		return
	}
	var out []stage.Case
	sets := tagSets{}
	for _, sample := range c.Cases {
		for i, name := range targets {
			tags := map[string]string{}
			maps.Copy(tags, sample.Tags)
			tags[stage.TargetTag] = name
			one := sample
			one.ID, one.Sample, one.Target, one.Tags = sample.ID+"_"+name, sample.ID, i, sets.share(tags)
			out = append(out, one)
		}
	}
	c.Cases, c.Targets, c.Among = out, targets, asked.Among
}

// Samples gives the cases with one for each sample, which has its name.
func (c Cases) Samples() Cases {
	if len(c.Targets) == 0 {
		return c
	}
	known, out := map[string]bool{}, []stage.Case{}
	for _, one := range c.Cases {
		if !known[one.Sample] {
			known[one.Sample], one.ID = true, one.Sample
			out = append(out, one)
		}
	}
	c.Cases = out
	return c
}

// lookAtTargets applies the rules on targets, which there are none of before samples
// are made.
func (v *view) lookAtTargets(cfg Config) error {
	if err := v.checkTargetClasses(cfg); err != nil {
		return err
	}
	r := rules["label_of_no_class"]
	if err := v.settle(r, r.find(v), cfg.Rules.of(r)); err != nil {
		return err
	}
	r = rules["target_without_class"]
	if err := v.settle(r, append(r.find(v), v.silent(cfg)...), cfg.Rules.of(r)); err != nil {
		return err
	}
	v.number(cfg) // fewer, where some were dropped
	return v.requireCases()
}

// silent finds targets that a table was to have, and that no case is of.
func (v *view) silent(cfg Config) (out []hit) {
	if len(v.Targets) == 0 {
		return nil
	}
	for _, name := range cfg.wantedTargets() {
		if !slices.Contains(v.Targets, name) {
			classes := v.Classes
			if own := cfg.TargetClasses[name]; own != nil {
				classes = own
			}
			out = append(out, hit{id: name, detail: name + ": never " + strings.Join(classes, ", ")})
		}
	}
	return out
}

func targetsWithoutClass(v *view) (out []hit) {
	if len(v.Targets) == 0 {
		return nil
	}
	counts, rows := make([]map[int]int, len(v.Targets)), make([][]string, len(v.Targets))
	for _, c := range v.Cases.Cases {
		if counts[c.Target] == nil {
			counts[c.Target] = map[int]int{}
		}
		counts[c.Target][c.Label]++
		rows[c.Target] = append(rows[c.Target], c.ID)
	}
	for target, name := range v.Targets {
		var never []string
		for _, label := range v.Questions().Of(target) {
			if counts[target][label] == 0 {
				never = append(never, v.Classes[label])
			}
		}
		if len(never) > 0 {
			out = append(out, hit{id: name, rows: rows[target], detail: name + ": never " + strings.Join(never, ", ")})
		}
	}
	return out
}

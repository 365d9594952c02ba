package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/internal/naming"
	"vertebra/stages/stage"
)

const splitColumnHint = "its values are train, validation and test, or numbers of folds with test beside them"

// fixedBy puts cases where a column of theirs says, and deals what it leaves open.
func (s Split) fixedBy(c *Cases, patients map[string]string, actions Actions) error {
	f, err := s.readColumn(c.Cases)
	if err != nil {
		return err
	}
	return s.fixed(f, c, patients, actions)
}

// fixed puts cases where something says, and deals validation cases, or folds, from those
// for training where it names none.
func (s Split) fixed(f splitFile, c *Cases, patients map[string]string, actions Actions) error {
	validates := f.folds > 0 || slices.ContainsFunc(c.Cases, func(one stage.Case) bool { p, ok := f.place(one, nil); return ok && p.split == stage.Validation })
	if validates && s.Folds > 0 {
		what := cmp.Or(f.column, "a list")
		return stage.Wrong{Path: "data.split.folds", Err: stage.Fault{Err: fmt.Errorf("%s says already what validates", what), Hint: "remove data.split.folds, or " + f.setting}}
	}
	if err := f.apply(c, patients, actions); err != nil || validates || s.Folds == 0 && s.Validation == 0 {
		return err
	}
	return s.dealRest(c, patients)
}

// readColumn finds what each value of the column means.
func (s Split) readColumn(cases []stage.Case) (splitFile, error) {
	f := splitFile{column: s.Column, tag: true, setting: "data.split.column", places: map[string]place{}}
	if err := hasTag(cases, "data.split.column", s.Column); err != nil {
		return f, err
	}
	named, numbered := "", ""
	for _, one := range cases {
		word := one.Tags[s.Column]
		if _, known := f.places[word]; known || word == "" {
			continue
		}
		p, ok := place{}, false
		if p.split, ok = naming.Splits[strings.ToLower(word)]; !ok {
			p.fold, ok = naming.Fold(word)
			numbered = word
		} else if p.split != stage.Test {
			named = word
		}
		if !ok {
			return f, stage.Wrong{Path: "data.split.column", Err: stage.Fault{Err: fmt.Errorf("%s of %s is %q, which is no split", s.Column, one.ID, word), Hint: splitColumnHint}}
		}
		f.places[word] = p
	}
	if named != "" && numbered != "" {
		return f, stage.Wrong{Path: "data.split.column", Err: stage.Fault{Err: fmt.Errorf("%s has both %q and %q", s.Column, named, numbered), Hint: splitColumnHint}}
	}
	f.number(numbered == "")
	return f, nil
}

// dealRest takes validation cases, or folds, from the cases for training.
func (s Split) dealRest(c *Cases, patients map[string]string) error {
	var at []int
	var rest []stage.Case
	for i, one := range c.Cases {
		if one.Split == stage.Train {
			at, rest = append(at, i), append(rest, one)
		}
	}
	s.Test = 0
	if err := s.assign(s.Seed, rest, patients); err != nil {
		return err
	}
	for i, one := range rest {
		c.Cases[at[i]] = one
	}
	c.Folds = s.Folds
	return nil
}

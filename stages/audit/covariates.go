package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Known names what is known of a sample besides its image: clinical covariates.
type Known struct {
	Categories []string `help:"columns of the table, or tags of the cases, whose values are words, such as sex; each value becomes an input that is 1 or 0"`
	Numbers    []string `help:"columns whose values are numbers, such as age; they enter less their mean, in standard deviations, both of the training cases"`

	ifThere bool // see IfThere
}

// IfThere is for cases that a trained net is asked about: what they do not tell is unknown,
// and no mistake.
func (k Known) IfThere() Known {
	k.ifThere = true
	return k
}

// CovariatesFact is the name of the stored fact that lists the covariates, in JSON, where a
// net takes some.
const CovariatesFact = "covariates"

// known is a covariate and the setting that names it.
type known struct {
	wantedColumn
	number bool
}

func (k Known) all() (out []known) {
	for i, name := range k.Categories {
		out = append(out, known{wantedColumn{path: fmt.Sprintf("data.covariates.categories.%d", i), name: name}, false})
	}
	for i, name := range k.Numbers {
		out = append(out, known{wantedColumn{path: fmt.Sprintf("data.covariates.numbers.%d", i), name: name}, true})
	}
	return out
}

// Validate refuses what is named twice.
func (k Known) Validate() error {
	return onceEach("categories and numbers", slices.Concat(k.Categories, k.Numbers))
}

func (k Known) columns() (out []wantedColumn) {
	for _, one := range k.all() {
		one.optional = k.ifThere
		out = append(out, one.wantedColumn)
	}
	return out
}

// Sketch stands for the covariates of data that nobody has read.
func (k Known) Sketch() (out stage.Covariates) {
	for _, one := range k.all() {
		c := stage.Covariate{Name: one.name}
		if !one.number {
			c.Values = []string{"a", "b"}
		}
		out = append(out, c)
	}
	return out
}

// covariates finds what the data set knows of its samples.
func (v *view) covariates(cfg Config) error {
	if cfg.Covariates.ifThere {
		return nil
	}
	for _, k := range cfg.Covariates.all() {
		if err := someHaveTag(v.Cases.Cases, k.path, k.name); err != nil {
			return err
		}
		one := stage.Covariate{Name: k.name}
		err := v.sameInSample(k.name)
		switch {
		case err != nil:
		case k.number:
			err = v.areNumbers(k.name, cfg)
		default:
			one.Values, err = v.values(k.name, cfg)
		}
		if err != nil {
			return stage.Wrong{Path: k.path, Err: err}
		}
		v.Covariates = append(v.Covariates, one)
	}
	return nil
}

// sameInSample refuses what differs between the answers that are asked of one image.
func (v *view) sameInSample(name string) error {
	if len(v.Targets) == 0 {
		return nil
	}
	seen := map[string]string{}
	for _, c := range v.Cases.Cases {
		before, known := seen[c.Sample]
		if known && before != c.Tags[name] {
			return stage.Fault{
				Err:  fmt.Errorf("the answers that are asked of %s differ in %s: %q and %q", c.Sample, name, before, c.Tags[name]),
				Hint: "a covariate is one of the image; what tells its answers apart is a target already",
			}
		}
		seen[c.Sample] = c.Tags[name]
	}
	return nil
}

// values lists those of a category, sorted.
func (v *view) values(name string, cfg Config) ([]string, error) {
	seen := map[string]bool{}
	for _, c := range v.Cases.Cases {
		if word := c.Tags[name]; !cfg.unknown(word) {
			seen[word] = true
		}
	}
	out := slices.SortedFunc(maps.Keys(seen), byNumber)
	switch samples := len(v.Cases.Samples().Cases); {
	case len(out) == 0:
		return nil, errors.New(name + " is known of no case")
	case len(out) > 20 && len(out) > samples/2:
		return nil, stage.Fault{Err: fmt.Errorf("%s has %d values in %d samples: it names them", name, len(out), samples), Hint: "a net would learn names by heart; name it among numbers if it counts or measures something"}
	}
	return out, nil
}

// areNumbers refuses words.
func (v *view) areNumbers(name string, cfg Config) error {
	some := false
	for _, c := range v.Cases.Cases {
		word := c.Tags[name]
		_, ok := stage.ParseCovariate(word)
		if some = some || ok; !ok && !cfg.unknown(word) {
			return stage.Fault{
				Err:  fmt.Errorf("%s of %s is %q, which is no number", name, c.ID, word),
				Hint: "name it among categories, or leave such cells empty: what is not known may be missing",
			}
		}
	}
	if !some {
		return errors.New(name + " is known of no case")
	}
	return nil
}

// unknown says whether a cell says nothing.
func (cfg Config) unknown(word string) bool {
	t, isTable := cfg.Source.Part.(Table)
	return strings.TrimSpace(word) == "" || isTable && slices.Contains(t.Missing, word)
}

// someHaveTag wants a tag that at least one case has.
func someHaveTag(cases []stage.Case, path, tag string) error {
	tags := map[string]bool{}
	for _, c := range cases {
		for name := range c.Tags {
			tags[name] = true
		}
	}
	if tags[tag] {
		return nil
	}
	hint := "the cases have no tags"
	if len(tags) > 0 {
		hint = registry.Suggest(tag, slices.Sorted(maps.Keys(tags)))
	}
	return stage.Wrong{Path: path, Err: stage.Fault{Err: fmt.Errorf("no case has the tag %q", tag), Hint: hint}}
}

// Identity names the data as a training sees them: Fingerprint, which stays the same whatever
// is known besides the images, and the covariates, where there are any.
func (c Cases) Identity() string {
	if len(c.Covariates) == 0 {
		return c.Fingerprint
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s %q\n", c.Fingerprint, c.Covariates)
	for _, one := range c.Cases {
		for _, known := range c.Covariates {
			fmt.Fprintf(h, "%q\n", one.Tags[known.Name])
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

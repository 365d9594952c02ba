// Package audit reads the tables of a data set, joins them by key, names every
// defect, and puts each case into a split without letting a study leak.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"strconv"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Source reads a data set's tables.
type Source interface {
	// Read gives every labelled thing it finds and everything it must drop.
	Read(ctx context.Context) (Found, error)
}

// Found is what a source read.
type Found struct {
	Classes []string
	Cases   []stage.Case // without splits
	Series  map[string]Series
	Dropped []Dropped
}

// Sources are the parts.
var Sources = registry.New[Source]("data source")

// Config is the section data of an experiment.
type Config struct {
	Source registry.One[Source] `help:"where tables and images are" required:"true"`
	Sample string               `help:"what one sample is: a labelled point in an image" oneof:"point"`
	Drop   Drop                 `help:"what to leave out by request"`
	Split  Split                `help:"how cases are divided into training, validation and test"`
}

// Drop names what to leave out.
type Drop struct {
	Studies  []string      `help:"study ids"`
	Series   []string      `help:"series ids"`
	Rows     []string      `help:"row ids: <study>_<condition>_<level>"`
	RowsFile registry.Path `help:"CSV whose first column holds row ids"`
}

// Default splits by study, stratified by label, a fifth for validation.
var Default = Config{Sample: "point", Split: Split{By: "study", Stratify: "label", Validation: 0.2}}

// Cases are what later stages work on.
type Cases struct {
	Classes     []string
	Cases       []stage.Case // sorted by ID
	Series      map[string]Series
	Dropped     []Dropped
	Findings    []Dropped // flagged, but kept
	Fingerprint string    // sha256 of everything that defines the data
}

// Series is one image series of a study.
type Series struct {
	Key, Study, Type string
	Files            []File // by instance number
}

// File is one image file of a series.
type File struct {
	Path     string
	Instance int
}

// Dropped is a kind of defect: what was done about it, and to what.
type Dropped struct {
	Rule   string // "point without label"
	Done   string // "dropped", "kept"
	IDs    []string
	Reason string // for people
}

// Run reads, checks and splits. It reads no pixels.
func Run(ctx context.Context, env stage.Env, cfg Config) (Cases, error) {
	found, err := cfg.Source.Part.Read(ctx)
	if err != nil {
		return Cases{}, err
	}
	out := Cases{Classes: found.Classes, Series: found.Series, Dropped: found.Dropped, Cases: found.Cases}
	if err := out.request(ctx, env, cfg.Drop); err != nil {
		return Cases{}, err
	}
	if err := out.headers(ctx, env); err != nil {
		return Cases{}, err
	}
	sort.Slice(out.Cases, func(i, j int) bool { return out.Cases[i].ID < out.Cases[j].ID })
	if len(out.Cases) == 0 {
		return Cases{}, stage.Fault{Err: fmt.Errorf("no case is left of the data set%s", reasons(out.Dropped)), Hint: "look at data.source and data.drop"}
	}
	out.Findings = findings(out.Cases)
	if err := cfg.Split.assign(env.Seed, out.Cases, len(out.Classes)); err != nil {
		return Cases{}, err
	}
	if err := leaks(out.Cases); err != nil {
		return Cases{}, err
	}
	out.Fingerprint = fingerprint(out.Cases)
	return out, out.tell(ctx, env)
}

func reasons(dropped []Dropped) string {
	text := ""
	for _, d := range dropped {
		text += fmt.Sprintf("; %s: %d", d.Rule, len(d.IDs))
	}
	return text
}

// drop removes cases for a reason.
func (c *Cases) drop(rule, reason string, unwanted func(stage.Case) bool) {
	d := Dropped{Rule: rule, Done: "dropped", Reason: reason}
	kept := c.Cases[:0]
	for _, one := range c.Cases {
		if unwanted(one) {
			d.IDs = append(d.IDs, one.ID)
		} else {
			kept = append(kept, one)
		}
	}
	c.Cases = kept
	if len(d.IDs) > 0 {
		sort.Strings(d.IDs)
		c.Dropped = append(c.Dropped, d)
	}
}

// fingerprint does not depend on where the data lies.
func fingerprint(cases []stage.Case) string {
	h := sha256.New()
	for _, c := range cases {
		point := ""
		if c.Point != nil {
			point = strconv.FormatFloat(c.Point.X, 'g', -1, 64) + "," + strconv.FormatFloat(c.Point.Y, 'g', -1, 64)
		}
		fmt.Fprintln(h, c.ID, c.Group, c.Series, c.Tags["instance"], c.Label, point, c.Split)
	}
	return hex.EncodeToString(h.Sum(nil))
}

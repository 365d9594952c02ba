// Package packages makes one file of the nets of a finished run, for whoever has neither its
// database nor its checkpoints nor its data, and reads such files. A package is a zip file:
// manifest.json says what is in it, with a hash of every part; nothing of it is compressed,
// and no code in it is run.
package packages

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"vertebra/stages/stage"
)

// Format and Version are what the manifests say that this program writes. A version grows
// when a program of before would make other predictions of a file, or none.
const (
	Format  = "vertebra package"
	Version = 1
)

const manifestName = "manifest.json"

// CardName is a part that every package has: what it is, in words.
const CardName = "README.md"

// Manifest is manifest.json.
type Manifest struct {
	Format   string          `json:"format"`
	Version  int             `json:"version"`
	Program  string          `json:"program"`  // that wrote the package
	Libtorch string          `json:"libtorch"` // that the probes were computed with
	Run      Run             `json:"run"`
	Members  []Run           `json:"members,omitempty"`  // of an ensemble: the runs whose nets are asked
	Left     []string        `json:"left_out,omitempty"` // settings of the experiments that are not in the package
	Parts    map[string]Part `json:"parts"`              // all but the manifest, by name
}

// Part is one file of a package.
type Part struct {
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// Run is what a package says of a finished run.
type Run struct {
	ID         string                     `json:"id"`
	Name       string                     `json:"name"`
	Purpose    string                     `json:"purpose,omitempty"`
	Trained    string                     `json:"trained"`            // the day, 2006-01-02
	Facts      map[string]json.RawMessage `json:"facts"`              // as the database names them; lists and maps are JSON
	Experiment string                     `json:"experiment"`         // the part that holds it
	Backbone   string                     `json:"backbone,omitempty"` // none of an ensemble
	Nets       []Net                      `json:"nets,omitempty"`     // none of an ensemble
	Locate     *Locate                    `json:"locate,omitempty"`   // a net that finds points; none of most
	Image      *Image                     `json:"image,omitempty"`    // none of an ensemble
	Data       Data                       `json:"data"`
	Numbers    []Number                   `json:"numbers"`
}

// Net names the weights of a net.
type Net struct {
	Weights string `json:"weights"`        // the part that holds them
	Fold    int    `json:"fold,omitempty"` // 0 where it is the only one
	// Outliers is the part that knows what the images of its training are like; "" where there is none.
	Outliers string `json:"outliers,omitempty"`
	// Probe are the net's logits for images of noise that all programs make alike.
	Probe []float32 `json:"probe"`
}

// Locate names the parts of a net that finds points: its weights, and what it knows of them.
type Locate struct {
	Weights string `json:"weights"`
	Points  string `json:"points"`
}

// Place is what the net is called within its package: net, fold-2, members.1.fold-2.
func (n Net) Place() string {
	name := strings.TrimSuffix(strings.Replace(n.Weights, "weights/", "", 1), path.Ext(n.Weights))
	return strings.ReplaceAll(name, "/", ".")
}

// Nets are those of the run, or of all members.
func (m Manifest) Nets() []Net {
	nets := slices.Clone(m.Run.Nets)
	for _, member := range m.Members {
		nets = append(nets, member.Nets...)
	}
	return nets
}

// Image says what is to be given, and what the nets see of it.
type Image struct {
	Sample   string    `json:"sample"` // point, level, series, study
	Point    bool      `json:"needs_point"`
	Levels   bool      `json:"needs_levels,omitempty"` // of points, by whose distance it is cropped
	Place    bool      `json:"needs_tables,omitempty"` // that say levels, views or types of series
	Columns  []string  `json:"columns,omitempty"`      // of the images of a row, where a table names several; patterns have theirs in braces
	Channels int       `json:"channels"`
	Height   int       `json:"height"`
	Width    int       `json:"width"`
	Slices   int       `json:"slices,omitempty"`
	Views    []string  `json:"views,omitempty"`
	Steps    []Step    `json:"steps"` // of preprocessing, whose settings the experiment has
	Mean     []float64 `json:"mean"`  // of pixels from 0 to 1, for each channel of the net
	Std      []float64 `json:"std"`
}

// Step is a step of preprocessing. Its version grows when it makes other pixels.
type Step struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
}

// Data counts what the nets were trained and measured on.
type Data struct {
	Fingerprint string `json:"fingerprint,omitempty"` // a hash
	Splits      *Table `json:"splits,omitempty"`      // cases of each class
	Pixels      *Table `json:"pixels,omitempty"`      // mean and spread
}

// Table is a table of counts or measures.
type Table struct {
	Title   string   `json:"title,omitempty"`
	Columns []string `json:"columns"`
	Rows    [][]any  `json:"rows"`
}

// Number is a final number of a run. What is null was not measured, or is not finite.
type Number struct {
	Series string   `json:"series"` // test, validation calibrated
	Name   string   `json:"name"`
	Title  string   `json:"title,omitempty"`
	Value  *float64 `json:"value"`
	Unit   string   `json:"unit,omitempty"`
	Low    *float64 `json:"low,omitempty"` // of the interval
	High   *float64 `json:"high,omitempty"`
	Level  float64  `json:"level,omitempty"`  // 0.95
	Method string   `json:"method,omitempty"` // bca over 198 groups, 2000 resamples
}

// SetFact keeps a fact; nothing where there is none.
func (r *Run) SetFact(name, value string) error {
	if value == "" {
		return nil
	}
	raw := json.RawMessage(value)
	if !json.Valid(raw) || value[0] != '[' && value[0] != '{' {
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		raw = text
	}
	if r.Facts == nil {
		r.Facts = map[string]json.RawMessage{}
	}
	r.Facts[name] = raw
	return nil
}

// Fact gives a fact as the database has it: a list or map is JSON on one line.
func (r Run) Fact(name string) string {
	raw := r.Facts[name]
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	var line bytes.Buffer
	if json.Compact(&line, raw) != nil {
		return ""
	}
	return line.String()
}

const sendAgain = "the file is damaged or was changed: copy it again, and compare its SHA-256 (sha256sum) with the one that runner export package printed"

// readManifest reads manifest.json, and takes it for what it is only where all of it is known.
func readManifest(data []byte) (m Manifest, err error) {
	var of struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	switch err := json.Unmarshal(data, &of); {
	case err != nil:
		return m, stage.Fault{Err: fmt.Errorf("%s: %w", manifestName, err), Hint: sendAgain}
	case of.Format != Format:
		return m, stage.Fault{Err: fmt.Errorf("%s says the format %q, a package's is %q", manifestName, of.Format, Format), Hint: notOurs}
	case of.Version > Version:
		return m, stage.Fault{Err: fmt.Errorf("it is a package of version %d, and this program knows those up to %d", of.Version, Version), Hint: "use the runner that wrote it, or a newer one"}
	case of.Version < 1:
		return m, stage.Fault{Err: fmt.Errorf("%s says version %d, and versions begin with 1", manifestName, of.Version), Hint: sendAgain}
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields() // what a program passes over might have changed the predictions
	if err := d.Decode(&m); err != nil {
		return m, stage.Fault{Err: fmt.Errorf("%s: %w", manifestName, err), Hint: "a newer runner may have written the package: use that one; or " + sendAgain}
	}
	if err := cmp.Or(m.check(), harmless(data)); err != nil {
		return m, stage.Fault{Err: fmt.Errorf("%s: %w", manifestName, err), Hint: sendAgain}
	}
	return m, nil
}

// harmless refuses JSON that holds a text, such as the name of a class, which would do
// something to a terminal.
func harmless(data []byte) error {
	var tree any
	if err := json.Unmarshal(data, &tree); err != nil {
		return err
	}
	return harmlessTree(tree)
}

func harmlessTree(tree any) (err error) {
	switch v := tree.(type) {
	case string:
		if !printable(withoutLines.Replace(v)) {
			return fmt.Errorf("%q has characters that no text has", v)
		}
	case []any:
		for _, one := range v {
			err = cmp.Or(err, harmlessTree(one))
		}
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			err = cmp.Or(err, harmlessTree(name), harmlessTree(v[name]))
		}
	}
	return err
}

var hash = regexp.MustCompile(`^[0-9a-f]{64}$`)

// check holds the manifest against itself.
func (m Manifest) check() error {
	for _, name := range slices.Sorted(maps.Keys(m.Parts)) {
		part := m.Parts[name]
		switch {
		case !fs.ValidPath(name) || name == "." || name == manifestName || bytes.ContainsAny([]byte(name), "\\:\x00"):
			return fmt.Errorf("a part is called %q, which is no name inside a package", name)
		case part.Bytes < 0:
			return fmt.Errorf("the part %s is to have %d bytes", name, part.Bytes)
		case !hash.MatchString(part.SHA256):
			return fmt.Errorf("the part %s has %q in place of a SHA-256", name, part.SHA256)
		}
	}
	if !printable(strings.Join(m.Left, "")) {
		return fmt.Errorf("what is left out has characters that no text has: %q", m.Left)
	}
	if _, there := m.Parts[CardName]; !there {
		return fmt.Errorf("it lists no part %s", CardName)
	}
	if (len(m.Run.Nets) > 0) == (len(m.Members) > 0) {
		return errors.New("it must list either nets or members")
	}
	seen := map[string]bool{}
	for _, r := range append([]Run{m.Run}, m.Members...) {
		switch {
		case r.ID == "" || seen[r.ID]:
			return fmt.Errorf("the run %q has no name, or that of another", r.ID)
		case !printable(r.ID + r.Name + r.Trained):
			return fmt.Errorf("the name of the run %q has characters that no text has", r.ID)
		}
		seen[r.ID] = true
		if err := m.checkRun(r); err != nil {
			return fmt.Errorf("run %s: %w", r.ID, err)
		}
	}
	return nil
}

func (m Manifest) checkRun(r Run) error {
	if _, there := m.Parts[r.Experiment]; !there {
		return fmt.Errorf("its experiment is the part %q, which is not listed", r.Experiment)
	}
	if len(r.Nets) == 0 && (len(m.Members) == 0 || r.ID != m.Run.ID) {
		return errors.New("it has no nets")
	}
	if (r.Image != nil) != (len(r.Nets) > 0) {
		return errors.New("it must say what an image is where it has nets, and only there")
	}
	if l := r.Locate; l != nil && (m.Parts[l.Weights] == (Part{}) || m.Parts[l.Points] == (Part{})) {
		return fmt.Errorf("the net that finds points is the parts %q and %q, which are not both listed", l.Weights, l.Points)
	}
	folds := map[int]bool{}
	for _, net := range r.Nets {
		switch _, there := m.Parts[net.Weights]; {
		case !there:
			return fmt.Errorf("its weights are the part %q, which is not listed", net.Weights)
		case net.Fold < 0 || folds[net.Fold] || net.Fold == 0 && len(r.Nets) > 1:
			return fmt.Errorf("of its %d nets one has the fold %d", len(r.Nets), net.Fold)
		case net.Outliers != "" && m.Parts[net.Outliers] == (Part{}):
			return fmt.Errorf("what the images of its training are like is the part %q, which is not listed", net.Outliers)
		case len(net.Probe) == 0:
			return fmt.Errorf("nothing says what the net %s answers to noise", net.Place())
		}
		folds[net.Fold] = true
	}
	return nil
}

package preprocess

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// key names a result by all that goes into it.
type key [sha256.Size]byte

func (k key) String() string { return hex.EncodeToString(k[:]) }

// chain is the steps of an experiment, with what the cache needs of them.
type chain struct {
	cfg    Config
	layout Layout
	text   []string // of each step: name, version, settings
	quoted [][]byte // the same, as keys have it
	// branches are the quoted steps of a by_view, by the names of its branches: a change of one
	// leaves what others lead to alone. nil for other steps.
	branches []map[string][]byte
	needs    []Needs
	all      Needs // of any step
	// folder of each step's stored results: a hash of the texts up to it, less branches.
	folder []string
	// kept is the step whose results are stored, so that a change of the last
	// step redoes no other; −1 for none. That of decode is not: it is as large as
	// the file, and reading it back costs as much as decoding.
	kept int
	// branch is the last step before the first that needs the point: cases on one
	// image share the work up to it.
	branch int
}

func newChain(cfg Config, layout Layout) chain {
	c := chain{cfg: cfg, layout: layout, kept: len(cfg) - 2, branch: len(cfg) - 1}
	if c.kept < 1 {
		c.kept = -1
	}
	h := sha256.New()
	for i, step := range cfg {
		text := oneLine(step)
		branches := branchesOf(step)
		if c.branches = append(c.branches, branches); branches != nil {
			fmt.Fprintln(h, step.Name)
		} else {
			fmt.Fprintf(h, "%q\n", text)
		}
		n := needs(step.Part)
		c.text, c.needs = append(c.text, text), append(c.needs, n)
		c.quoted = append(c.quoted, strconv.AppendQuote(nil, text))
		c.folder = append(c.folder, hex.EncodeToString(h.Sum(nil)[:8]))
		c.all = c.all.and(n)
		if n.Point && c.branch == len(cfg)-1 {
			c.branch = i - 1
		}
	}
	return c
}

// branchesOf gives the branches of a by_view as keys have them; that without a name is of all
// other views.
func branchesOf(step registry.One[Step]) map[string][]byte {
	v, ok := step.Part.(ByView)
	if !ok {
		return nil
	}
	out := map[string][]byte{"": []byte("as it is")}
	if v.Else != nil {
		out[""] = strconv.AppendQuote(nil, oneLine(*v.Else))
	}
	for name, branch := range v.Of {
		out[name] = strconv.AppendQuote(nil, oneLine(branch))
	}
	return out
}

// oneLine is a step's version and settings.
func oneLine(step registry.One[Step]) string {
	n := registry.Encode(Config{step}).Content[0]
	var flow func(*yaml.Node)
	flow = func(n *yaml.Node) {
		n.Style |= yaml.FlowStyle
		for _, child := range n.Content {
			flow(child)
		}
	}
	flow(n)
	settings, _ := yaml.Marshal(n) // what was decoded can be encoded
	text := strings.Join(strings.Fields(string(settings)), " ")
	text = strings.TrimSuffix(strings.TrimPrefix(text, "{"), "}")
	return fmt.Sprintf("%s (version %d)", text, step.Part.Version())
}

// seriesFolder is where statistics of series are stored: they depend on decode
// alone.
func (c chain) seriesFolder() string { return "series-" + c.folder[0] }

// seriesKey names the statistics of a series.
func (c chain) seriesKey(hash string) key {
	return sha256.Sum256([]byte(salt + "series" + c.text[0] + hash))
}

// wholeSeries says whether every slice of a series is read.
func (c chain) wholeSeries() bool { return c.all.Series || c.all.Neighbours }

// salt changes when all results must be made again.
const salt = "vertebra preprocess 4"

// keys names the result of each step for a case: by the content of its file, the
// steps so far, and what those need besides. Labels, splits and the place of the
// files do not matter.
func (c chain) keys(one stage.Case, file, series string) []key {
	out := make([]key, len(c.cfg))
	last := sha256.Sum256([]byte(salt + file))
	h := sha256.New()
	for i, quoted := range c.quoted {
		h.Reset()
		h.Write(last[:])
		if v, ok := c.cfg[i].Part.(ByView); ok {
			quoted = c.branches[i][v.branch(one.Picture)]
		}
		h.Write(quoted)
		if c.kept >= 0 && i == c.kept+1 {
			fmt.Fprint(h, " rounded") // what it takes in; see encodePicture
		}
		if c.needs[i].Point {
			if one.Point != nil {
				fmt.Fprintf(h, " %v %v", one.Point.X, one.Point.Y)
			}
			for _, m := range one.Marks {
				if m.Point == nil {
					continue // a step that wants a point does without it
				}
				fmt.Fprintf(h, " %q %v %v %v %v", m.Name, m.Image == one.Image, beside(m, one), m.Point.X, m.Point.Y)
			}
		}
		if c.needs[i].Spacing {
			fmt.Fprintf(h, " levels %v %v", one.Spacing.Length, one.Spacing.Millimetres)
		}
		if c.needs[i].Series || c.needs[i].Neighbours {
			fmt.Fprintf(h, " %s", series)
		}
		if c.needs[i].Neighbours && alone(one) {
			fmt.Fprint(h, " alone") // which no stack takes, unlike a series of one file
		}
		if c.needs[i].Whole && one.Point != nil {
			fmt.Fprint(h, " one stack") // wherever the point is
		}
		h.Sum(last[:0])
		out[i] = last
	}
	return out
}

// alone says whether a case is an image of no series.
func alone(c stage.Case) bool { return c.Series == "" && c.Images == nil }

// hashes gives the hash of a file's content; false when it is not known.
type hashes func(path string) (string, bool)

// seriesHash names a series by the content and the names of its files.
func seriesHash(s audit.Series, of hashes) (string, bool) {
	h := sha256.New()
	for _, f := range s.Files {
		hash, known := of(f.Path)
		if !known {
			return "", false
		}
		fmt.Fprintf(h, "%q %s\n", filepath.Base(f.Path), hash)
	}
	return hex.EncodeToString(h.Sum(nil)), true
}

// key names the images of all cases; false when a file's content is not known.
func (b *builder) key(of hashes) (string, bool) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d\n", magic, b.chain.layout.BytesPerPixel)
	series := map[string]string{}
	for _, one := range b.cases.Cases {
		file, known := of(one.Image)
		if !known {
			return "", false
		}
		name := b.seriesName(one)
		if b.chain.wholeSeries() && series[name] == "" {
			if series[name], known = seriesHash(b.seriesOf(one), of); !known {
				return "", false
			}
		}
		keys := b.chain.keys(one, file, series[name])
		fmt.Fprintf(h, "%q %s\n", one.ID, keys[len(keys)-1])
	}
	return hex.EncodeToString(h.Sum(nil)), true
}

// seriesName tells apart what seriesOf gives.
func (b *builder) seriesName(one stage.Case) string {
	if one.Series == "" {
		return "case " + one.ID
	}
	return one.Series
}

// request names what is wanted before any file was read: an interrupted run is
// found by it.
func (b *builder) request() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s %q\n", magic, b.chain.text)
	var line []byte
	for i := range b.cases.Cases {
		one := &b.cases.Cases[i]
		line = stage.AppendQuoted(line[:0], one.ID)
		if one.Point != nil {
			line = strconv.AppendFloat(append(line, ' '), one.Point.X, 'g', -1, 64)
			line = strconv.AppendFloat(append(line, ' '), one.Point.Y, 'g', -1, 64)
		}
		h.Write(append(line, '\n'))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

package locate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"vertebra/stages/arrangement"
	"vertebra/stages/audit"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// Wanted is a point that somebody asks for.
type Wanted struct {
	Case        string // what it is asked for; any name
	Group, Name string // the patient, and what is looked for
	Series      string // where: in this series, and others of its type; "" in Image alone
	Image       string
}

// Found is where a wanted point lies.
type Found struct {
	Wanted
	Point  stage.Point // in pixels of the file Image, in Series
	Chance float64     // that it lies there or next to it, if the others of the body lie where they were found
}

// Finder is a net that finds points, with all that it needs.
type Finder struct {
	Locator
	Config  Config
	Compute model.Compute
	Weights train.Weights
	Kept    *Kept // where the net stays open for the next search; nil where there is none
}

// Kept is a net that finds points and stays open: its weights are read once. It serves one search at
// a time.
type Kept struct{ net *model.Net }

// Close frees the net, where there is one.
func (k *Kept) Close() (err error) {
	if k.net != nil {
		err, k.net = k.net.Close(), nil
	}
	return err
}

// open gives the net, and what frees it.
func (f Finder) open(ctx context.Context, env stage.Env, images *preprocess.Images) (net *model.Net, done func() error, err error) {
	if f.Kept != nil && f.Kept.net != nil {
		return f.Kept.net, func() error { return nil }, nil
	}
	if net, err = model.Blank(ctx, env, f.Config.Model(), images.Shape(), f.Config.task(images.Questions())); err != nil {
		return nil, nil, fmt.Errorf("model: %w", err)
	}
	if err := train.Restore(ctx, net, f.Weights); err != nil {
		return nil, nil, errors.Join(err, net.Close())
	}
	if f.Kept == nil {
		return net, net.Close, nil
	}
	f.Kept.net = net
	return net, func() error { return nil }, nil
}

// WantedOf asks for the point of each case. Where several images of a series have one of the same
// name, as images that are named one by one do, each is looked at by itself.
func (c Config) WantedOf(cases []stage.Case) (out []Wanted) {
	type place struct{ series, name string }
	images := map[place]string{}
	several := map[place]bool{}
	for _, one := range cases {
		at := place{one.Series, c.nameOf(one.Tags)}
		if other, seen := images[at]; seen && other != one.Image {
			several[at] = true
		}
		images[at] = one.Image
	}
	for _, one := range cases {
		w := Wanted{Case: one.ID, Group: one.Group, Name: c.nameOf(one.Tags), Series: one.Series, Image: one.Image}
		if several[place{w.Series, w.Name}] {
			w.Series = ""
		}
		out = append(out, w)
	}
	return out
}

// Find looks for points in the images of cases. A wanted one that no image could be looked at
// for is left out; one of a name that the net does not know is an error.
func (f Finder) Find(ctx context.Context, env stage.Env, cases audit.Cases, wanted []Wanted) ([]Found, error) {
	found, _, err := f.find(ctx, env, cases, wanted)
	return found, err
}

// find says besides which images could be looked at.
func (f Finder) find(ctx context.Context, env stage.Env, cases audit.Cases, wanted []Wanted) (found []Found, looked map[string]bool, err error) {
	wanted = slices.Clone(wanted)
	for i, w := range wanted {
		if w.Name == unnamed && len(f.Names) == 1 { // which else could be meant
			wanted[i].Name = f.Names[0]
		} else if !slices.Contains(f.Names, w.Name) {
			return nil, nil, f.unknown(w)
		}
	}
	sightings, looked, err := f.look(ctx, env, cases, search(cases, wanted))
	if err != nil {
		return nil, nil, err
	}
	return f.choose(cases, wanted, sightings), looked, nil
}

// unknown tells of a name that the net does not look for; images alone say none.
func (f Finder) unknown(w Wanted) error {
	const told = 3
	known := strings.Join(f.Names[:min(told, len(f.Names))], ", ")
	if more := len(f.Names) - told; more > 0 {
		known += fmt.Sprintf(" and %d more", more)
	}
	hint := "leave such cases out, in data.keep or data.drop"
	switch tags := f.Config.Tags; {
	case w.Name == unnamed && len(tags) > 0:
		hint = "images do not say which is meant: name a table with the columns " + strings.Join(tags, " and ")
	case w.Name == unnamed:
		hint = "images do not say which is meant: name an experiment file whose data section does"
	}
	return stage.Fault{Err: fmt.Errorf("%s: the net looks for %s, and not for %q", w.Case, known, w.Name), Hint: hint}
}

// sighting is where a net thinks that a point may be.
type sighting struct {
	scan, image, name string
	point             stage.Point
	at                *arrangement.Place // in the patient; nil: nobody says
	chance            float64
}

// look asks the net about all slices of the scans; looked are those that can be read.
func (f Finder) look(ctx context.Context, env stage.Env, cases audit.Cases, scans []scan) (out map[string][]sighting, looked map[string]bool, err error) {
	about := asked(cases, f.Names, scans, func(s scan) []string { return s.slices })
	images, err := preprocess.Run(ctx, env, f.Config.steps(), about)
	if err != nil {
		return nil, nil, fmt.Errorf("preprocess: %w", err)
	}
	defer func() { err = errors.Join(err, images.Close()) }()
	net, done, err := f.open(ctx, env, images)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, done()) }()
	said, err := train.Predict(ctx, env, f.Config.training(f.Compute, ""), net, images)
	if err != nil {
		return nil, nil, err
	}
	out, err = sightings(newResized(cases, f.Config.Pixels), scans, said)
	return out, imagesOf(images), err
}

func imagesOf(images *preprocess.Images) map[string]bool {
	out := map[string]bool{}
	for _, one := range images.Cases {
		out[one.Image] = true
	}
	return out
}

// least is the smallest chance that is looked at: a place of less is one among thousands.
const least = 1e-6

// sightings puts what a net said of slices and names into places of their files, by body.
func sightings(sizes *resized, scans []scan, said []stage.Prediction) (map[string][]sighting, error) {
	type slice struct {
		scan
		path string
	}
	of, out := map[string]slice{}, map[string][]sighting{}
	for _, s := range scans {
		for _, path := range s.slices {
			of[sizes.cases.Local(path)] = slice{s, path}
		}
	}
	for _, p := range said {
		sample, name, _ := strings.Cut(p.CaseID, between)
		in := of[sample]
		g, err := sizes.of(in.path)
		if err != nil {
			return nil, err
		}
		for mode := range slices.Chunk(p.Probabilities, 3) {
			if !(mode[0] >= least) {
				continue
			}
			one := sighting{scan: in.key, image: in.path, name: name, chance: mode[0], point: sizes.outside(g, stage.Point{X: mode[1], Y: mode[2]})}
			one.at = in.placeOf(g, one.point)
			out[in.body] = append(out[in.body], one)
		}
	}
	return out, nil
}

// placeOf is where a point of an image of the scan lies in the patient; nil where nobody says. In an
// image that is looked at by itself points lie to each other as they do there: in millimetres, or
// in parts of its longer side.
func (s scan) placeOf(g stage.Geometry, p stage.Point) *arrangement.Place {
	if len(s.slices) == 1 && s.body == alone+s.key {
		across, down := g.ColumnSpacing, g.RowSpacing
		if down == 0 {
			across = longer / float64(max(g.Rows, g.Columns, 1))
			down = across
		}
		return &arrangement.Place{X: p.X * across, Y: p.Y * down}
	}
	if !g.Placed() {
		return nil
	}
	at := g.At(p)
	return &arrangement.Place{X: at[0], Y: at[1], Z: at[2]}
}

// longer is what the longer side of an image counts, whose millimetres nobody knows: about as many
// as radiographs have.
const longer = 300

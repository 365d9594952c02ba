package locate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// section is where reports show how well points are found.
const section = "results"

// measure looks for the points of validation and test as Find does, and tells how far off they are.
func (r *run) measure(ctx context.Context) error {
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		wanted, truth := r.labelled(split)
		if len(wanted) == 0 {
			continue
		}
		found, looked, err := r.finder().find(ctx, r.env, r.cases, wanted)
		if err != nil {
			return fmt.Errorf("finding the points of the %s split: %w", split, err)
		}
		if wanted = readable(wanted, truth, looked); len(wanted) == 0 {
			continue
		}
		all, err := r.compare(wanted, found, truth)
		if err != nil {
			return err
		}
		if err := r.tell(ctx, split, all); err != nil {
			return err
		}
	}
	return nil
}

// labelled are the points of a split, and where they lie by the names of Wanted.Case.
func (r *run) labelled(split stage.Split) (wanted []Wanted, truth map[string]spot) {
	truth = map[string]spot{}
	for _, s := range r.scans {
		if s.split != split {
			continue
		}
		for _, name := range s.names {
			w := Wanted{Case: s.key + between + name, Group: s.group, Name: name, Image: s.spots[name].image}
			if _, known := r.cases.Series[s.key]; known {
				w.Series = s.key
			}
			wanted, truth[w.Case] = append(wanted, w), s.spots[name]
		}
	}
	return wanted, truth
}

// readable leaves the points of images that could be looked at: the others say nothing of the net.
func readable(wanted []Wanted, truth map[string]spot, looked map[string]bool) []Wanted {
	return slices.DeleteFunc(wanted, func(w Wanted) bool { return !looked[truth[w.Case].image] })
}

// compare says of each wanted point how far it was found from where it is labelled.
func (r *run) compare(wanted []Wanted, found []Found, truth map[string]spot) (out []looked, err error) {
	at := map[string]Found{}
	for _, f := range found {
		at[f.Case] = f
	}
	for _, w := range wanted {
		one := looked{Found: Found{Wanted: Wanted{Case: w.Case, Name: w.Name}}, truth: truth[w.Case], distance: math.Inf(1)}
		if f, ok := at[w.Case]; ok {
			one.Found = f
			if one.distance, err = r.ruler.between(spot{f.Image, f.Point}, one.truth); err != nil {
				return nil, err
			}
		}
		out = append(out, one)
	}
	return out, nil
}

// tell records how far found points are from labelled ones: all together, by name, and in pictures.
func (r *run) tell(ctx context.Context, split stage.Split, all []looked) error {
	gallery, err := r.gallery(ctx, split, all)
	if err != nil {
		return err
	}
	records := []stage.Record{r.table(split, all), gallery}
	for _, s := range r.misses(all).scalars(r.ruler.unit()) {
		s.Series, s.Epoch = string(split), stage.Final
		records = append(records, s)
	}
	return r.to.Record(ctx, records...)
}

func (r *run) misses(all []looked) (m misses) {
	for _, one := range all {
		m.add(one.distance, r.ruler.near(one.truth))
	}
	return m
}

func (r *run) table(split stage.Split, all []looked) stage.Table {
	unit := r.ruler.unit()
	t := stage.Table{
		Name: "points_" + string(split), Title: "Points that the net finds itself, " + string(split), Section: section,
		Columns: []string{"point", "labelled", "found, %", "distance, median, " + unit, "90 % are within, " + unit},
		Note:    "Looked for as on images without labels; found are those at most 10 mm from where they are labelled, in the patient",
	}
	if unit == "px" {
		t.Note = "Looked for as on images without labels; found are those at most a twenty-fifth of the image's longer side from where they are labelled"
	}
	byName := map[string][]looked{}
	for _, one := range all {
		byName[one.Name] = append(byName[one.Name], one)
	}
	for _, name := range r.names {
		if m := r.misses(byName[name]); len(m.far) > 0 {
			t.Rows = append(t.Rows, []any{name, len(m.far), 100 * m.share(), m.quantile(0.5), m.quantile(0.9)})
		}
	}
	return t
}

// Compare measures found points by those that cases have, as Run does; nil where they have none.
func (f Finder) Compare(cases audit.Cases, found []Found) ([]stage.Scalar, error) {
	if !slices.ContainsFunc(cases.Cases, func(c stage.Case) bool { return c.Point != nil }) {
		return nil, nil
	}
	scans, err := f.Config.scans(cases)
	if err != nil {
		return nil, err
	}
	r := &run{cfg: f.Config, cases: cases, scans: scans}
	if r.ruler, err = newRuler(newResized(cases, f.Config.Pixels), scans); err != nil {
		return nil, err
	}
	var wanted []Wanted
	truth := map[string]spot{}
	for _, one := range cases.Cases {
		if one.Point != nil {
			wanted, truth[one.ID] = append(wanted, f.Config.WantedOf([]stage.Case{one})...), spot{one.Image, *one.Point}
		}
	}
	all, err := r.compare(wanted, found, truth)
	return r.misses(all).scalars(r.ruler.unit()), err
}

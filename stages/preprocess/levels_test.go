package preprocess

import (
	"slices"
	"testing"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// spaced has a case for each spacing of levels.
func spaced(spacings ...float64) (out audit.Cases) {
	for _, length := range spacings {
		out.Cases = append(out.Cases, stage.Case{Series: "s", Image: "a", Point: &stage.Point{X: 3}, Spacing: stage.Spacing{Length: length}})
	}
	return out
}

// TestKeyOfLevels: another spacing of levels is another picture in the cache, where a crop goes by it.
func TestKeyOfLevels(t *testing.T) {
	t.Parallel()
	for _, c := range []Crop{{Around: "point", LevelSpacings: 1}, {Around: "point", Millimetres: 30}} {
		chain := newChain(steps(c), Layout{})
		key := func(s stage.Spacing) []key {
			return chain.keys(stage.Case{Series: "s", Image: "a", Point: &stage.Point{X: 3}, Spacing: s}, "file", "series")
		}
		same := slices.Equal(key(stage.Spacing{Length: 30}), key(stage.Spacing{Length: 31})) && slices.Equal(key(stage.Spacing{Length: 30}), key(stage.Spacing{Length: 30, Millimetres: true}))
		if same != (c.LevelSpacings == 0) {
			t.Errorf("%+v: the keys are the same: %v", c, same)
		}
	}
}

// TestUnspaced counts pictures without a spacing, of those that go through a crop by it.
func TestUnspaced(t *testing.T) {
	t.Parallel()
	levels, sized := Crop{Around: "point", LevelSpacings: 1}, Crop{Around: "point", LevelSpacings: 1, Millimetres: 40}
	branch := func(c Crop, kind string) Step {
		return ByView{Of: map[string]registry.One[Step]{kind: {Name: "crop", Part: c}}}
	}
	sagittal := func(c audit.Cases) audit.Cases {
		c.Series = map[string]audit.Series{"s": {Type: "Sagittal T1"}}
		return c
	}
	cases := sagittal(spaced(0, 30, 0))
	for _, c := range []struct {
		step               Step
		dropped, otherwise int
	}{
		{levels, 2, 0}, {sized, 0, 2}, {Crop{Around: "point", Millimetres: 40}, 0, 0}, {branch(levels, "Sagittal T1"), 2, 0}, {branch(levels, "Axial T2"), 0, 0},
	} {
		if dropped, otherwise := Unspaced(steps(c.step), cases); dropped != c.dropped || otherwise != c.otherwise {
			t.Errorf("%+v: got %d and %d", c, dropped, otherwise)
		}
	}
	if found := Lacking(steps(levels), spaced(0, 0)); len(found) != 1 || found[0].Text != "no two levels of a series have labelled points, so their spacing is not known" {
		t.Errorf("got %+v", found)
	}
	if found := Lacking(steps(levels), spaced(0, 9)); len(found) != 0 {
		t.Errorf("got %+v", found)
	}
	if found := Lacking(steps(sized), spaced(0, 0)); len(found) != 0 {
		t.Errorf("of crops that have a size besides: %+v", found)
	}
	if found := Lacking(steps(branch(sized, "Sagittal T1")), sagittal(spaced(0, 0))); len(found) != 0 {
		t.Errorf("of crops of a view that have a size besides: %+v", found)
	}
	if found := Lacking(steps(branch(levels, "Sagittal T1")), sagittal(spaced(0, 0))); len(found) != 1 {
		t.Errorf("of crops of a view: %+v", found)
	}
	if found := Lacking(steps(branch(levels, "Axial T2")), sagittal(spaced(0, 0))); len(found) != 0 {
		t.Errorf("of crops that no picture goes through: %+v", found)
	}
}

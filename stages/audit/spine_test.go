package audit

import (
	"maps"
	"testing"

	"vertebra/stages/stage"
)

// TestAlongSpine: levels have the places that they have in the spine, however they are written; what
// is no level, or is named twice, is not put there.
func TestAlongSpine(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		names []string
		want  map[string]int
	}{
		{[]string{"L1/L2", "l3_l4", "L5-S1", "T12L1", "L2-3"}, map[string]int{"T12L1": 18, "L1/L2": 19, "L2-3": 20, "l3_l4": 21, "L5-S1": 23}},
		{[]string{"C1", "C7", "T1", "T12", "L1", "L5", "S1"}, map[string]int{"C1": 0, "C7": 6, "T1": 7, "T12": 18, "L1": 19, "L5": 23, "S1": 24}},
		{[]string{"L1", "L1/L2"}, nil}, {[]string{"L1", "l1"}, nil}, {[]string{"L1/L3"}, nil}, {[]string{"L1", "L6"}, nil}, {[]string{"L10"}, nil},
		{[]string{"C0"}, nil}, {[]string{"2", "10"}, nil}, {[]string{"upper", "lower"}, nil}, {nil, map[string]int{}},
	} {
		if got := alongSpine(c.names); !maps.Equal(got, c.want) || (got == nil) != (c.want == nil) {
			t.Errorf("%q: got %v, want %v", c.names, got, c.want)
		}
	}
}

// TestSpacingOfSomeLevels: that a level in between is marked nowhere makes those around it no
// neighbours, so that a table of one patient says what one of many does; T12 lies above L1.
func TestSpacingOfSomeLevels(t *testing.T) {
	t.Parallel()
	at := func(level string, y float64) stage.Case {
		return stage.Case{ID: level, Series: "a", Image: "a.png", Point: &stage.Point{Y: y}, Tags: map[string]string{LevelTag: level}}
	}
	for _, c := range []struct {
		cases []stage.Case
		want  float64
	}{
		{[]stage.Case{at("L1/L2", 0), at("L3/L4", 40), at("L4/L5", 61)}, 21},
		{[]stage.Case{at("L1/L2", 0), at("L3/L4", 40), at("L5/S1", 82)}, 0},
		{[]stage.Case{at("L1", 20), at("T12", 0), at("S1", 140)}, 20},
	} {
		cases := Cases{Cases: c.cases}
		cases.SpaceLevels()
		for _, one := range cases.Cases {
			if one.Spacing.Length != c.want {
				t.Errorf("%s: got %v, want %v", one.ID, one.Spacing.Length, c.want)
			}
		}
	}
}

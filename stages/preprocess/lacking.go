package preprocess

import (
	"fmt"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func pointed(m stage.Mark) bool { return m.Point != nil }

// Lacking finds steps that no case has what they need for: a labelled point, or a series
// of slices. Paths begin below preprocess.
func Lacking(cfg Config, cases audit.Cases) (out []registry.FieldProblem) {
	pictures := cases.Pictures().Cases
	none := func(has func(stage.Case) bool) bool { return !slices.ContainsFunc(pictures, has) }
	for i, step := range cfg {
		path, n := fmt.Sprintf("%d.%s", i, step.Name), needs(step.Part)
		switch {
		case n.Point && none(func(c stage.Case) bool { return c.Point != nil || slices.ContainsFunc(c.Marks, pointed) }):
			out = append(out, registry.FieldProblem{Path: path, Text: "no case has a labelled point",
				Hint: "crop around: centre, or leave crop out of preprocess to use whole images; of a table, x and y name the columns of points"})
		case n.Spacing && allUnspaced(cfg[i:i+1], cases):
			out = append(out, registry.FieldProblem{Path: path, Text: "no two levels of a series have labelled points, so their spacing is not known",
				Hint: "give the size in millimetres or pixels; of a table, points need the tag level: name a column of that name in data.source.table.tags"})
		case n.Neighbours && none(func(c stage.Case) bool { return !alone(c) }):
			out = append(out, registry.FieldProblem{Path: path, Text: "no image is a slice of a series",
				Hint: "leave stack out of preprocess; in a table, a folder or the column of data.source.table.series makes images slices of one"})
		}
	}
	return out
}

// sized says whether a crop has a size for where the spacing of levels is not known.
func sized(crop Crop) bool { return crop.Millimetres > 0 || crop.Pixels > 0 || crop.Fraction > 0 }

// Unspaced counts the pictures that a crop by the spacing of levels is wanted of, and no other level
// is marked on their series: those that it drops, and those for which it has another size.
func Unspaced(cfg Config, cases audit.Cases) (dropped, otherwise int) {
	levelCrops(cfg, cases, func(crop Crop, one stage.Case) {
		switch {
		case one.Spacing.Length > 0:
		case sized(crop):
			otherwise++
		default:
			dropped++
		}
	})
	return dropped, otherwise
}

// TellUnspaced says what becomes of pictures whose crop has no size by the spacing of levels.
func TellUnspaced(cfg Config, cases audit.Cases) (out []string) {
	dropped, otherwise := Unspaced(cfg, cases)
	if dropped > 0 {
		out = append(out, fmt.Sprintf("preprocess.crop: %d pictures will be dropped: no other level is marked on their series, so its level_spacings say no size; give it one for these as well, such as millimetres: 60", dropped))
	}
	if otherwise > 0 {
		out = append(out, fmt.Sprintf("preprocess.crop: of %d pictures no other level is marked on their series: they get the size that stands beside level_spacings", otherwise))
	}
	return out
}

// AllUnspaced says whether a crop by the spacing of levels drops all pictures that it is wanted of.
func AllUnspaced(cfg Config, cases audit.Cases) bool {
	for i := range cfg {
		if allUnspaced(cfg[i:i+1], cases) {
			return true
		}
	}
	return false
}

// allUnspaced says whether crops by the spacing of levels drop each picture that they are wanted of.
func allUnspaced(cfg Config, cases audit.Cases) bool {
	wanted := 0
	levelCrops(cfg, cases, func(Crop, stage.Case) { wanted++ })
	dropped, _ := Unspaced(cfg, cases)
	return dropped > 0 && dropped == wanted
}

// levelCrops calls a function with each picture that goes through a crop by the spacing of levels, and
// with that crop.
func levelCrops(cfg Config, cases audit.Cases, do func(Crop, stage.Case)) {
	for _, one := range typed(cases.Pictures()).Cases {
		for _, step := range cfg {
			part := step.Part
			if v, ok := part.(ByView); ok {
				part = v.step(one.Picture)
			}
			if crop, is := part.(Crop); is && crop.LevelSpacings > 0 {
				do(crop, one)
			}
		}
	}
}

package explain

import (
	"context"
	"slices"

	"vertebra/stages/stage"
)

// Kept records galleries of mistakes, with pictures that other runs kept of cases: for
// predictions that no net made by itself. pictures gives what there is of these cases, as
// PNG; what else there is cannot be shown. They become thumbnails of this run too.
func Kept(ctx context.Context, env stage.Env, classes []string, predictions []stage.Prediction, pictures func(context.Context, []string) (map[string][]byte, error)) error {
	var wrong []string
	for _, p := range predictions {
		if newItem(p, 0).said != p.Label {
			wrong = append(wrong, p.CaseID)
		}
	}
	kept, err := pictures(ctx, wrong)
	if err != nil {
		return err
	}
	var records []stage.Record
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		var items []item
		for _, p := range predictions {
			it := newItem(p, -1)
			if p.Split != split || it.said == p.Label {
				continue
			}
			if png, has := kept[p.CaseID]; has {
				it.image = len(items)
				records = append(records, stage.Thumbnail{Case: p.CaseID, PNG: png})
			}
			items = append(items, it)
		}
		choices := slices.DeleteFunc(choose(classes, split, items), func(c choice) bool { return len(c.items) == 0 || c.name == leastCertain })
		for _, c := range choices {
			g := stage.Gallery{Name: c.name, Title: c.title, Section: section, Cell: c.cell}
			for _, it := range c.items {
				g.Pictures = append(g.Pictures, stage.Picture{Caption: it.caption(classes), PNG: kept[it.CaseID], Case: it.CaseID})
			}
			records = append(records, g)
		}
	}
	return env.Recorder.Record(ctx, records...)
}

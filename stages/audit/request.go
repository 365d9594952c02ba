package audit

import (
	"context"
	"fmt"
	"os"
	"path"

	"vertebra/stages/stage"
)

// request drops what the experiment asks to leave out. An id that matches
// nothing is worth a warning: the setting has no effect.
func (c *Cases) request(ctx context.Context, env stage.Env, d Drop) error {
	rows := append([]string(nil), d.Rows...)
	if d.RowsFile != "" {
		more, err := rowIDs(string(d.RowsFile))
		if err != nil {
			return fmt.Errorf("data.drop.rows_file: %w", err)
		}
		rows = append(rows, more...)
	}
	var idle []stage.Record
	for _, r := range []struct {
		what string
		ids  []string
		of   func(stage.Case) string
	}{
		{"study", d.Studies, func(c stage.Case) string { return c.Group }},
		{"series", d.Series, func(c stage.Case) string { return path.Base(c.Series) }},
		{"row", rows, func(c stage.Case) string { return c.ID }},
	} {
		hits := map[string]int{}
		for _, id := range r.ids {
			hits[id] = 0
		}
		c.drop(r.what+" dropped on request", "data.drop names it", func(one stage.Case) bool {
			_, named := hits[r.of(one)]
			if named {
				hits[r.of(one)]++
			}
			return named
		})
		for _, id := range r.ids {
			if hits[id] == 0 {
				idle = append(idle, stage.Event{Level: "warning", Stage: "audit", Text: fmt.Sprintf("data.drop: the %s %s is in no case", r.what, id)})
			}
		}
	}
	if len(idle) == 0 {
		return nil
	}
	return env.Recorder.Record(ctx, idle...)
}

func rowIDs(file string) ([]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	t, err := parseTable(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	var ids []string
	for _, row := range t.rows {
		ids = append(ids, row[t.columns[0]])
	}
	return ids, nil
}

package train

import (
	"context"
	"fmt"
	"maps"

	"vertebra/stages/stage"
)

// everyCovariate is hidden where all are.
const everyCovariate = "all of them"

// recordHidden records what the net makes of each covariate: the numbers of a split as they
// are, beside those when it is known of no case. It is what a net loses that is used where
// nobody knows it, which is less than what a net would that had never been told.
func (t *trainer) recordHidden(ctx context.Context, predictions []stage.Prediction) error {
	split := stage.Validation
	if len(indices(t.images, split)) == 0 {
		split = stage.Test
	}
	var known []stage.Prediction
	for _, p := range predictions {
		if p.Split == split {
			known = append(known, p)
		}
	}
	if len(t.images.Covariates) == 0 || len(known) == 0 {
		return nil
	}
	table := stage.Table{Name: "covariates", Title: fmt.Sprintf("Covariates: the %s split when one is not known", split), Section: "results",
		Note: "a covariate that is hidden is known of no case, as where nobody asked for it. Numbers that stay as they are say that the net makes nothing of it"}
	if err := t.hiddenRow(&table, "nothing", known); err != nil {
		return err
	}
	for _, name := range t.hideable() {
		t.hidden = name
		hidden, err := t.predict(ctx, split, t.inViews)
		t.hidden = ""
		if err != nil {
			return err
		}
		if err := t.hiddenRow(&table, name, hidden); err != nil {
			return err
		}
	}
	return t.env.Recorder.Record(ctx, table)
}

// mostHidden is how many covariates are hidden one by one: each time a split is predicted.
const mostHidden = 10

// hideable are the covariates, and where there are several all together.
func (t *trainer) hideable() (names []string) {
	if len(t.images.Covariates) <= mostHidden {
		for _, c := range t.images.Covariates {
			names = append(names, c.Name)
		}
	}
	if len(names) != 1 {
		names = append(names, everyCovariate)
	}
	return names
}

func (t *trainer) hiddenRow(table *stage.Table, hidden string, predictions []stage.Prediction) error {
	scalars, err := t.measure(predictions)
	if err != nil {
		return fmt.Errorf("covariates: %w", err)
	}
	row := []any{hidden}
	columns := []string{"hidden"}
	for _, s := range scalars {
		row, columns = append(row, s.Value), append(columns, s.Title)
	}
	table.Columns, table.Rows = columns, append(table.Rows, row)
	return nil
}

// without hides from tags what is hidden now.
func (t *trainer) without(tags map[string]string) map[string]string {
	switch t.hidden {
	case "":
		return tags
	case everyCovariate:
		return nil
	}
	tags = maps.Clone(tags)
	delete(tags, t.hidden)
	return tags
}

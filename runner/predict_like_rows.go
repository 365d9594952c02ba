package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/finished/predict"
	"vertebra/stages/stage"
)

// What rows without a prediction get.
const meanRows, keepRows = "mean", "keep"

// likeRows are predictions by the name of their row, and of these by target, "" where a row
// is one case.
type likeRows map[string]map[string]stage.Prediction

// write fills the rows.
func (l *likeness) write(out io.Writer, console *console, p predict.Predictor, items []stage.Prediction) error {
	exact, short := l.rowsOf(p, items)
	means := meansOf(items)
	var missing []string
	table := [][]string{l.head}
	for _, row := range l.rows {
		found := exact[row[0]]
		if found == nil {
			found = short[row[0]]
		}
		cells, whole := slices.Clone(row), true
		for i, cell := range l.cells {
			item, ok := found[cell.target]
			if whole = whole && ok; !ok {
				item = means.of(cmp.Or(cell.target, targetNamed(p.Asked.Targets, row[0])))
			}
			if ok || l.fill != keepRows {
				cells[i+1] = cell.text(p.Asked.Classes, item)
			}
		}
		if table = append(table, cells); !whole {
			missing = append(missing, row[0])
		}
	}
	if err := l.tellMissing(console, missing, l.name(p, items[0])); err != nil {
		return err
	}
	if left := len(exact) - (len(l.rows) - len(missing)); left > 0 {
		console.say("warning: %d predictions are for no row of %s", left, l.file)
	}
	return csv.NewWriter(out).WriteAll(table)
}

// tellMissing says which rows have no prediction, and refuses them where they are not to be
// filled, or where no row has one.
func (l *likeness) tellMissing(console *console, missing []string, such string) error {
	if len(missing) == 0 {
		return nil
	}
	text := fmt.Sprintf("%d of the %d rows of %s have no prediction, such as %s", len(missing), len(l.rows), l.file, missing[0])
	switch {
	case len(missing) == len(l.rows):
		return stage.Fault{Err: fmt.Errorf("--like: no row of %s has a prediction: they are called as %s, and predictions as %s", l.file, missing[0], such), Hint: "is it the table of these images? --column-id, or data.source.table.id, names the column of their names"}
	case l.fill == "":
		return stage.Fault{Err: fmt.Errorf("--like: %s", text), Hint: "warnings say what could not be used; --fill mean gives these rows the mean of the others, and --fill keep leaves them as they are"}
	}
	console.say("warning: %s: %s", text, map[string]string{meanRows: "they get the mean of the others", keepRows: "they stay as they are"}[l.fill])
	return nil
}

// rowsOf puts predictions under the names of their rows, and under what a table may call them
// in short, where that means one of them alone.
func (l *likeness) rowsOf(p predict.Predictor, items []stage.Prediction) (exact, short likeRows) {
	exact, short = likeRows{}, likeRows{}
	owner := map[string]string{} // of a short name
	for _, item := range items {
		name, target := l.name(p, item), ""
		if l.wide {
			target = item.Tags[stage.TargetTag]
		}
		exact.put(name, target, item)
		for _, alias := range l.aliases(p, item) {
			if owner[alias] = cmp.Or(owner[alias], name); owner[alias] == name {
				short.put(alias, target, item)
			} else {
				delete(short, alias)
			}
		}
	}
	return exact, short
}

func (r likeRows) put(name, target string, item stage.Prediction) {
	if r[name] == nil {
		r[name] = map[string]stage.Prediction{}
	}
	r[name][target] = item
}

// name is what the row of a prediction is called: its sample, or its case.
func (l *likeness) name(p predict.Predictor, item stage.Prediction) string {
	if l.wide {
		return cmp.Or(p.Samples[item.CaseID], item.CaseID)
	}
	return item.CaseID
}

// aliases are what tables may call an image: without its folder, and without its ending too.
func (l *likeness) aliases(p predict.Predictor, item stage.Prediction) (out []string) {
	image, behind := l.name(p, item), ""
	if target := item.Tags[stage.TargetTag]; !l.wide && len(p.Asked.Targets) > 0 && target != "" {
		image, behind = p.Samples[item.CaseID], "_"+target
	}
	base := path.Base(filepath.ToSlash(image))
	bare := strings.TrimSuffix(base, ".gz")
	for _, name := range []string{base, bare, strings.TrimSuffix(bare, path.Ext(bare))} {
		if name != "" && !slices.Contains(out, name+behind) {
			out = append(out, name+behind)
		}
	}
	return out
}

// text is what a column wants of a prediction.
func (c likeCell) text(classes []string, item stage.Prediction) string {
	if c.class < 0 {
		return classes[likeliest(item.Probabilities)]
	}
	return digits(item.Probabilities[c.class])
}

// targetNamed is the target that a row's name ends with; "" where it is none.
func targetNamed(targets []string, row string) string {
	at := slices.IndexFunc(targets, func(name string) bool { return strings.HasSuffix(row, "_"+name) })
	if at < 0 {
		return ""
	}
	return targets[at]
}

// meanOf are the mean probabilities of the predictions of each target, and of all, under "".
type meanOf map[string]stage.Prediction

func meansOf(items []stage.Prediction) meanOf {
	out, count := meanOf{}, map[string]float64{}
	for _, item := range items {
		keys := []string{""}
		if target := item.Tags[stage.TargetTag]; target != "" {
			keys = append(keys, target)
		}
		for _, key := range keys {
			mean := out[key]
			if count[key]++; mean.Probabilities == nil {
				mean.Probabilities = make([]float64, len(item.Probabilities))
			}
			for k, v := range item.Probabilities {
				mean.Probabilities[k] += (v - mean.Probabilities[k]) / count[key]
			}
			out[key] = mean
		}
	}
	return out
}

// of is the mean of a target, of all where nothing is known of it.
func (m meanOf) of(target string) stage.Prediction {
	if mean, known := m[target]; known {
		return mean
	}
	return m[""]
}

package audit

import (
	"context"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"vertebra/stages/stage"
)

// tell records drops, findings, splits and facts.
func (c Cases) tell(ctx context.Context, env stage.Env) error {
	s := share(c.Cases)
	percent := func(v float64) string { return strconv.FormatFloat(100*v, 'f', 1, 64) + " %" }
	records := []stage.Record{
		c.dropTable("drops", "What was dropped, and why", c.Dropped),
		c.dropTable("findings", "What was kept although it looks wrong", c.Findings),
		c.splitTable(), c.splitBars(), c.tagTable("condition"), c.tagTable("level"),
		stage.Fact{Name: "data fingerprint", Value: c.Fingerprint},
		stage.Fact{Name: "cases", Value: strconv.Itoa(len(c.Cases))},
		stage.Fact{Name: "cases that share their image with another", Value: percent(s.Shared)},
		stage.Fact{Name: "cases on images with conflicting labels", Value: percent(s.Conflicting)},
		stage.Fact{Name: "accuracy ceiling given the whole image alone", Value: percent(s.Ceiling)},
		stage.Fact{Name: "leak check", Value: "no study and no image file is in two splits"},
	}
	for _, d := range append(append([]Dropped{}, c.Dropped...), c.Findings...) {
		if strings.HasSuffix(d.Rule, "on request") {
			continue
		}
		text := fmt.Sprintf("%s: %d %s (%s), such as %s", d.Rule, len(d.IDs), d.Done, d.Reason, d.IDs[0])
		records = append(records, stage.Event{Level: "warning", Stage: "audit", Text: text})
	}
	return env.Recorder.Record(ctx, records...)
}

func (Cases) dropTable(name, title string, all []Dropped) stage.Table {
	t := stage.Table{Name: name, Title: title, Section: "data", Columns: []string{"rule", "rows", "done", "why", "examples"}}
	for _, d := range all {
		examples := d.IDs[:min(3, len(d.IDs))]
		t.Rows = append(t.Rows, []any{d.Rule, len(d.IDs), d.Done, d.Reason, strings.Join(examples, ", ")})
	}
	return t
}

func (c Cases) splitTable() stage.Table {
	t := stage.Table{Name: "splits", Title: "Splits", Section: "data", Columns: append([]string{"split", "cases", "studies", "images"}, c.Classes...)}
	for _, split := range stage.Splits {
		studies, images, counts, n := map[string]bool{}, map[string]bool{}, make([]int, len(c.Classes)), 0
		for _, one := range c.Cases {
			if one.Split == split {
				studies[one.Group], images[one.Image] = true, true
				counts[one.Label]++
				n++
			}
		}
		row := []any{string(split), n, len(studies), len(images)}
		for _, k := range counts {
			row = append(row, k)
		}
		if n > 0 {
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

func (c Cases) splitBars() stage.Bars {
	b := stage.Bars{Name: "class_counts", Title: "Cases of each class in each split", Section: "data", YLabel: "cases", Categories: c.Classes}
	for _, split := range stage.Splits {
		values, n := make([]float64, len(c.Classes)), 0
		for _, one := range c.Cases {
			if one.Split == split {
				values[one.Label]++
				n++
			}
		}
		if n > 0 {
			b.Groups = append(b.Groups, stage.BarGroup{Label: string(split), Values: values})
		}
	}
	return b
}

func (c Cases) tagTable(tag string) stage.Table {
	t := stage.Table{Name: "cases_by_" + tag, Title: "Cases by " + tag, Section: "data", Columns: append([]string{tag}, c.Classes...)}
	counts := map[string][]int{}
	for _, one := range c.Cases {
		v := one.Tags[tag]
		if counts[v] == nil {
			counts[v] = make([]int, len(c.Classes))
		}
		counts[v][one.Label]++
	}
	names := make([]string, 0, len(counts))
	for v := range counts {
		names = append(names, v)
	}
	sort.Strings(names)
	for _, v := range names {
		row := []any{v}
		for _, k := range counts[v] {
			row = append(row, k)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

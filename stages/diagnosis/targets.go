package diagnosis

import (
	"fmt"
	"strings"
)

// neverFound lists targets whose positive class nobody is taken for, though it has
// cases. Taken together, as neverPredicted does, frequent findings hide rare ones. It
// reads the counts of each target: no → no, no → yes, yes → no, yes → yes.
func neverFound(r Run) *Finding {
	for _, t := range r.Tables {
		if t.Name != r.deciding("confusion_by_target") || len(t.Columns) != 5 {
			continue
		}
		_, class, _ := strings.Cut(t.Columns[4], " → ")
		var names []string
		for _, row := range t.Rows {
			if len(row) != 5 {
				continue
			}
			if cases := count(row[3]) + count(row[4]); cases > 0 && count(row[2])+count(row[4]) == 0 {
				names = append(names, fmt.Sprintf("%v (%.0f)", row[0], cases))
			}
		}
		if len(names) == 0 {
			continue
		}
		try := "train.balance: class_weights; or judge rare ones by what needs no threshold: evaluate.metrics auroc, average_precision"
		if t.Name == "confusion_by_target" {
			try = r.calibrate("threshold") + ", which moves the boundary of each; " + try
		}
		return &Finding{"targets never found",
			fmt.Sprintf("Of %d targets %s never taken for %s, though having cases: %s (%s).", len(t.Rows), counted(len(names)), class, listed(names), t.Title),
			t.Name, try}
	}
	return nil
}

// counted is a number as the subject of a sentence.
func counted(n int) string {
	if n == 1 {
		return "1 is"
	}
	return fmt.Sprintf("%d are", n)
}

// count reads a cell.
func count(cell any) float64 {
	switch v := cell.(type) {
	case int:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// listed names at most six.
func listed(names []string) string {
	const most = 6
	if len(names) <= most {
		return strings.Join(names, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

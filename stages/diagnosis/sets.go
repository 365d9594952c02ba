package diagnosis

import (
	"fmt"

	"vertebra/stages/stage"
)

// setsLeaveOut reads the prediction sets of each class, of which the last row is of all cases:
// a class, or all of them, whose sets surely hold it less often than was asked.
func setsLeaveOut(r Run) *Finding {
	for _, t := range r.Tables {
		if t.Name != "sets_by_class" || len(t.Rows) < 2 {
			continue
		}
		last := len(t.Rows) - 1
		asked, of := setsOf(t.Rows[last])
		if of.High < asked {
			return &Finding{"sets hold less than promised", fmt.Sprintf("The true class is in %.3g %% of prediction sets (%.3g to %.3g %%), where %.4g %% were asked for (%s).",
				100*of.Value, 100*of.Low, 100*of.High, 100*asked, t.Title),
				t.Name, "look at what differs between validation and these cases; give validation more cases, and let it choose less"}
		}
		var short []string
		for _, row := range t.Rows[:last] {
			if _, of := setsOf(row); of.High < asked {
				short = append(short, fmt.Sprintf("%v in %.3g %%", row[0], 100*of.Value))
			}
		}
		if short != nil {
			each, _ := setsOf(t.Rows[0])
			return classesLeftOut(r, t, short, asked, each > 0)
		}
	}
	return nil
}

func classesLeftOut(r Run, t stage.Table, short []string, asked float64, each bool) *Finding {
	of, try := "all cases together", "evaluate: {sets: {guarantee: class_conditional}}, which asks it of each class, at the price of larger sets"
	switch {
	case each:
		of, try = "each class", "more validation cases of the class"
	case r.Blended:
		try = "members of which the first says " + try
	}
	return &Finding{"sets leave a class out", fmt.Sprintf("The prediction sets of its own cases hold %s, where %.4g %% are asked for of %s (%s).", listed(short), 100*asked, of, t.Title), t.Name, try}
}

// setsOf reads what is asked of a row's sets, 0 where nothing is, and how many hold the class;
// without an interval nobody knows, so the ends are 0 and 1.
func setsOf(row []any) (asked float64, held stage.Estimate) {
	held = stage.Estimate{High: 1}
	if len(row) < 4 {
		return 0, held
	}
	asked, _ = row[2].(float64)
	if e, is := row[3].(stage.Estimate); is {
		held = e
	}
	return asked, held
}

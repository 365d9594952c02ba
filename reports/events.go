package reports

import (
	"fmt"
	"slices"

	"vertebra/results"
)

// eventLimit is how many events are shown.
const eventLimit = 300

type event struct {
	Level, Stage, Text string
	At                 string
}

// rank puts what needs attention first.
var rank = map[string]int{"error": 0, "warning": 1}

func rankOf(level string) int {
	if r, ok := rank[level]; ok {
		return r
	}
	return len(rank)
}

// eventViews gives the events to show, errors first, and how many there are.
func eventViews(events []results.Event) (views []event, total int) {
	sorted := slices.Clone(events)
	slices.SortStableFunc(sorted, func(a, b results.Event) int { return rankOf(a.Level) - rankOf(b.Level) })
	for _, e := range sorted[:min(len(sorted), eventLimit)] {
		views = append(views, event{e.Level, e.Stage, e.Text, e.At.UTC().Format("15:04:05")})
	}
	return views, len(events)
}

func eventsTitle(total, shown int) string {
	if total == shown {
		return "Events"
	}
	return fmt.Sprintf("Events (%d of %s)", shown, grouped(total))
}

// troubles counts errors and warnings in words.
func troubles(events []results.Event) (text string, failed bool) {
	counts := map[string]int{}
	for _, e := range events {
		counts[e.Level]++
	}
	var parts []string
	for _, level := range []string{"error", "warning"} {
		if n := counts[level]; n > 0 {
			parts = append(parts, plural(n, level, level+"s"))
		}
	}
	return join(parts), counts["error"] > 0
}

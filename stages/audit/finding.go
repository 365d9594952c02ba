package audit

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Severity says how much a finding matters, the words in rising order.
const (
	info    = "info"    // worth knowing
	warning = "warning" // may spoil results
	severe  = "error"   // the row cannot be used, or scores cannot be trusted
)

// What a rule does about what it finds.
const (
	keep   = "keep"
	drop   = "drop"
	refuse = "refuse" // ends the run
)

// Finding is a rule, what it found, and what was done about it.
type Finding struct {
	ID       string   // of the rule: "point_without_label"
	Rule     string   // its title: "point without label"
	Severity string   // "info", "warning", "error"
	Done     string   // "kept", "dropped", "refused"
	Unit     string   // what IDs name: "rows", "cases", "series", "studies", "images", "columns"
	IDs      []string // sorted
	Rows     []string // ids of the cases concerned, sorted, where Unit is neither rows nor cases
	Reason   string   // for people

	rule    string            // the reason without an example
	details map[string]string // of single IDs, where the rule does not say all
}

// Why is the reason for one of IDs.
func (f Finding) Why(id string) string {
	if d := f.details[id]; d != "" {
		return f.rule + "; " + d
	}
	return f.Reason
}

// rank orders findings: what weighs most comes first.
func (f Finding) rank() int { return -slices.Index([]string{info, warning, severe}, f.Severity) }

func sortFindings(all []Finding) {
	sort.SliceStable(all, func(i, j int) bool {
		if a, b := all[i].rank(), all[j].rank(); a != b {
			return a < b
		}
		return all[i].Rule < all[j].Rule
	})
}

// Rule is something that is looked for in a data set.
type Rule struct {
	ID       string
	Title    string
	Reason   string // what is wrong about it, and what may be done
	Asked    string // the same where nets are asked that others trained; "" where nothing of it is otherwise
	Severity string
	Do       string // keep or drop; an experiment may say otherwise
	Unit     string // "" for rows
	// Unusable says that what the rule finds cannot be kept.
	Unusable bool
	// find looks for it; nil where the reading of tables reports it.
	find func(v *view) []hit
	// look looks for it in pixels; see Look.
	look func(v *view) []hit
}

// hit is one thing that a rule found.
type hit struct {
	id     string
	rows   []string // cases concerned, where id names no case
	detail string   // of this one, for people; "" when the rule says all
}

var rules = map[string]Rule{}

// order is that in which rules are applied: each sees what earlier ones left.
var order []string

func addRule(r Rule) {
	if _, twice := rules[r.ID]; twice || r.Title == "" || r.Reason == "" {
		panic("audit: the rule " + r.ID + " is there twice, or says nothing")
	}
	if r.Unit == "" {
		r.Unit = "rows"
	}
	rules[r.ID] = r
	order = append(order, r.ID)
}

// Rules lists all rules by id.
func Rules() []Rule {
	out := make([]Rule, 0, len(rules))
	for _, id := range slices.Sorted(slices.Values(order)) {
		out = append(out, rules[id])
	}
	return out
}

// Pixels says whether the rule needs pixels, and so is left out of check.
func (r Rule) Pixels() bool { return r.look != nil }

// Actions are what an experiment wants done instead of what rules do by
// themselves, by the rule's id.
type Actions map[string]string

// Validate knows the rules.
func (a Actions) Validate() error {
	for id, action := range a {
		r, known := rules[id]
		switch {
		case !known:
			return fmt.Errorf("there is no rule %q; have %s", id, strings.Join(slices.Sorted(slices.Values(order)), ", "))
		case !slices.Contains([]string{keep, drop, refuse}, action):
			return fmt.Errorf("%s: %q is no action; want keep, drop or refuse", id, action)
		case r.Unusable && action == keep:
			return fmt.Errorf("%s: what it finds cannot be kept; want drop or refuse", id)
		case action == drop && (r.Unit == "columns" || r.Pixels()):
			return fmt.Errorf("%s: what it finds cannot be dropped; want keep or refuse", id)
		}
	}
	return nil
}

func (a Actions) of(r Rule) string {
	if action, ok := a[r.ID]; ok {
		return action
	}
	return r.Do
}

// spoken is the rule with the reason that suits what is done with the data.
func (r Rule) spoken(asked bool) Rule {
	if asked && r.Asked != "" {
		r.Reason = r.Asked
	}
	return r
}

// finding makes one of a rule's hits; nil when there are none.
func (r Rule) finding(hits []hit, action string) *Finding {
	if len(hits) == 0 {
		return nil
	}
	f := &Finding{ID: r.ID, Rule: r.Title, Severity: r.Severity, Unit: r.Unit, Reason: r.Reason, rule: r.Reason}
	f.Done = map[string]string{keep: "kept", drop: "dropped", refuse: "refused"}[action]
	for _, h := range hits {
		f.IDs = append(f.IDs, h.id)
		f.Rows = append(f.Rows, h.rows...)
		if h.detail != "" {
			if f.details == nil {
				f.details = map[string]string{}
			}
			f.details[h.id] = h.detail
		}
	}
	sort.Strings(f.IDs)
	sort.Strings(f.Rows)
	f.Rows = slices.Compact(f.Rows)
	if d := hits[0].detail; d != "" {
		f.Reason += "; the first: " + d
	}
	return f
}

// counted says of how many things it is: 1 row, 2 rows.
func (f Finding) counted() string {
	one := map[string]string{"rows": "row", "cases": "case", "images": "image", "studies": "study", "columns": "column"}
	if word, ok := one[f.Unit]; ok && len(f.IDs) == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %s", len(f.IDs), f.Unit)
}

// concerned lists the cases of a finding.
func (f Finding) concerned() []string {
	if f.Unit == "rows" || f.Unit == "cases" {
		return f.IDs
	}
	return f.Rows
}

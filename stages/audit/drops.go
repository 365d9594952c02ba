package audit

import (
	"sort"
	"strings"
)

// drops collects what is left out while tables are read. The zero value is
// ready.
type drops struct {
	rules map[string]*Dropped
	seen  map[string]bool // ids that have a reason
}

// add drops an id, unless it has a reason already.
func (d *drops) add(rule, reason, id string) {
	if d.chosen(id) {
		d.again(rule, reason, id)
	}
}

// chosen notes that an id is left out for a reason that needs no telling. It
// says whether the id had none so far.
func (d *drops) chosen(id string) bool {
	if d.seen == nil {
		d.seen = map[string]bool{}
	}
	first := !d.seen[id]
	d.seen[id] = true
	return first
}

// again drops one of several rows with the same id; another may stay.
func (d *drops) again(rule, reason, id string) {
	if d.rules == nil {
		d.rules = map[string]*Dropped{}
	}
	if d.rules[rule] == nil {
		d.rules[rule] = &Dropped{Rule: rule, Severity: "warning", Done: "dropped", Reason: reason}
		if strings.HasSuffix(rule, "on request") {
			d.rules[rule].Severity = "info"
		}
	}
	d.rules[rule].IDs = append(d.rules[rule].IDs, id)
}

// sorted lists the rules by name.
func (d *drops) sorted() []Dropped {
	var out []Dropped
	for _, rule := range d.rules {
		sort.Strings(rule.IDs)
		out = append(out, *rule)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Rule < out[j].Rule })
	return out
}

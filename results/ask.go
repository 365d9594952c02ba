package results

import (
	"context"
	"database/sql"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// questions asks runs for what conditions name, and remembers which keys any run
// knew.
type questions struct {
	ctx   context.Context
	tx    *sql.Tx
	runs  int
	known map[string]bool
	names map[string]bool // of final numbers
	trees map[int64]*yaml.Node

	measured map[string]bool // whether a key is a number of any run
}

func newQuestions(ctx context.Context, tx *sql.Tx) *questions {
	return &questions{ctx: ctx, tx: tx, known: map[string]bool{}, names: map[string]bool{}, trees: map[int64]*yaml.Node{}, measured: map[string]bool{}}
}

// meets asks for every condition, also when one failed, so that all keys are
// looked up.
func (q *questions) meets(s RunSummary, where []Condition) (bool, error) {
	q.runs++
	all := true
	for _, c := range where {
		values, err := q.values(s, c.Key, !isNumber(c.Value))
		if err != nil {
			return false, err
		}
		all = all && c.holds(values)
	}
	return all, nil
}

// values are the answers of a run; none when it does not know the key. A key may
// be a number and a setting, as loss is: text asks for the setting.
func (q *questions) values(s RunSummary, key string, text bool) (values []string, err error) {
	for _, f := range s.Finals {
		q.names[f.Name] = true
	}
	if word, ok := words[key]; ok {
		q.known[key] = true
		return word(s), nil
	}
	measured, err := q.isMeasured(key)
	if err != nil {
		return nil, err
	}
	if text || !measured {
		if values, err = q.settings(s, key); err != nil {
			return nil, err
		}
	}
	if value, ok := final(s, key); ok && len(values) == 0 {
		values = []string{value}
	}
	q.known[key] = q.known[key] || len(values) > 0
	return values, nil
}

// isMeasured says whether any run has numbers of that name.
func (q *questions) isMeasured(key string) (bool, error) {
	if is, asked := q.measured[key]; asked {
		return is, nil
	}
	var is bool
	err := q.tx.QueryRowContext(q.ctx, `SELECT EXISTS (SELECT 1 FROM metrics
		WHERE name IN (?1, 'macro_' || ?1) OR series || '.' || name = ?1)`, key).Scan(&is)
	q.measured[key] = is
	return is, err
}

func (q *questions) settings(s RunSummary, key string) ([]string, error) {
	tree := q.trees[s.number]
	if tree == nil {
		tree = &yaml.Node{}
		var text string
		if err := q.tx.QueryRowContext(q.ctx, `SELECT experiment FROM runs WHERE number = ?`, s.number).Scan(&text); err != nil {
			return nil, err
		}
		if err := yaml.Unmarshal([]byte(text), tree); err != nil {
			return nil, fmt.Errorf("experiment of run %s: %w", s.ID, err)
		}
		q.trees[s.number] = tree
	}
	return under(tree, "", key), nil
}

// under collects what lies at places whose path is key or ends with it.
func under(n *yaml.Node, path, key string) (values []string) {
	if path != "" && (path == key || strings.HasSuffix(path, "."+key)) {
		return content(n)
	}
	for _, c := range children(n) {
		at := strings.TrimPrefix(path+"."+c.name, ".")
		if c.name == "" {
			at = path
		}
		values = append(values, under(c.node, at, key)...)
	}
	return values
}

type child struct {
	name string
	node *yaml.Node
}

// children of a list have numbers as names; a document has one without a name.
func children(n *yaml.Node) (list []child) {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			list = append(list, child{n.Content[i].Value, n.Content[i+1]})
		}
	case yaml.SequenceNode:
		for i, c := range n.Content {
			list = append(list, child{fmt.Sprint(i), c})
		}
	case yaml.DocumentNode:
		for _, c := range n.Content {
			list = append(list, child{"", c})
		}
	case yaml.AliasNode:
		return children(n.Alias)
	}
	return list
}

// content is a value, or all names and values in a map or list.
func content(n *yaml.Node) (values []string) {
	if n.Kind == yaml.ScalarNode {
		return []string{n.Value}
	}
	for _, c := range children(n) {
		if n.Kind == yaml.MappingNode {
			values = append(values, c.name)
		}
		values = append(values, content(c.node)...)
	}
	return values
}

// sort sorts by the first answer; runs without one go last. Runs that are equal
// keep their order.
func (q *questions) sort(list []RunSummary, key string, descending bool) error {
	answers := map[string]string{}
	for _, s := range list {
		values, err := q.values(s, key, false)
		if err != nil {
			return err
		}
		if len(values) > 0 && values[0] != "NaN" {
			answers[s.ID] = values[0]
		}
	}
	slices.SortStableFunc(list, func(a, b RunSummary) int {
		x, y := answers[a.ID], answers[b.ID]
		switch {
		case x == "" || y == "":
			return strings.Compare(y, x) // the empty one last
		case descending:
			x, y = y, x
		}
		order, _ := order(x, y)
		return order
	})
	return nil
}

// unknown refuses keys that no run knew: they are mistyped.
func (q *questions) unknown(where []Condition, sort string, sorted int) error {
	keys := []string{}
	for _, c := range where {
		keys = append(keys, c.Key)
	}
	if sort != "" && sorted > 0 {
		keys = append(keys, sort)
	}
	for _, key := range keys {
		if q.runs > 0 && !q.known[key] {
			return fault("a run has "+strings.Join(slices.Sorted(maps.Keys(words)), ", ")+"; its numbers "+
				strings.Join(slices.Sorted(maps.Keys(q.names)), ", ")+"; and its settings, such as train.batch",
				"no run has %q", key)
		}
	}
	return nil
}

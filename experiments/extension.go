package experiments

import (
	"bytes"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/sweeps"
)

// Extension is an experiment file that says of another only what it changes.
type Extension struct {
	Extends       string // the other file, as this one calls it from its folder
	Name, Purpose string
	Remove        []string
	Set           []sweeps.Assignment // in order; of equal paths the last counts
}

// YAML writes the file.
func (x Extension) YAML() ([]byte, error) {
	root := &yaml.Node{Kind: yaml.MappingNode}
	give := func(key string, value any) error {
		n, known := value.(*yaml.Node)
		if !known {
			n = &yaml.Node{}
			if err := n.Encode(value); err != nil {
				return err
			}
		}
		root.Content = append(root.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: key}, n)
		return nil
	}
	set, err := x.set()
	if err != nil {
		return nil, err
	}
	pairs := []struct {
		key   string
		value any
		there bool
	}{{"extends", x.Extends, true}, {"name", x.Name, true}, {"purpose", x.Purpose, x.Purpose != ""}, {"remove", x.Remove, len(x.Remove) > 0}, {"set", set, len(set.Content) > 0}}
	for _, p := range pairs {
		if p.there {
			if err := give(p.key, p.value); err != nil {
				return nil, err
			}
		}
	}
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	err = encoder.Encode(root)
	return out.Bytes(), err
}

// set is the map of paths and values.
func (x Extension) set() (*yaml.Node, error) {
	last := map[string]int{}
	for i, a := range x.Set {
		last[a.Path] = i
	}
	m := &yaml.Node{Kind: yaml.MappingNode}
	for i, a := range x.Set {
		if last[a.Path] != i {
			continue
		}
		var value yaml.Node
		if err := yaml.Unmarshal([]byte(a.Value), &value); err != nil || len(value.Content) != 1 {
			return nil, fmt.Errorf("%s=%s: no value in YAML", a.Path, a.Value)
		}
		m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: a.Path}, value.Content[0])
	}
	return m, nil
}

// Assignments takes path=value texts, as of --set, apart.
func Assignments(sets []string) (list []sweeps.Assignment) {
	for _, text := range sets {
		path, value, _ := strings.Cut(text, "=")
		list = append(list, sweeps.Assignment{Path: path, Value: value})
	}
	return list
}

// LoadText reads an experiment as Load would, if a file at path held the text. The files
// that it extends are read.
func LoadText(path string, text []byte) (Experiment, error) {
	e, _, err := loadExperiment(func(other string) ([]byte, error) {
		if other == path {
			return text, nil
		}
		return fromDisk(other)
	}, path, nil)
	return e, err
}

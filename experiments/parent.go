package experiments

import (
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// Parent gives the file that an experiment file extends and what that file says
// with all defaults, as Resolved does. A file that extends nothing has the
// defaults as its parent, and no name. The parent need not be whole: what it
// leaves open has its default.
func Parent(path string) (name string, resolved []byte, err error) {
	path = filepath.Clean(path)
	data, err := fromDisk(path)
	if err != nil {
		return "", nil, err
	}
	root, problems := registry.Parse(path, data)
	if root == nil {
		return "", nil, problems
	}
	at := lookup(root, "extends")
	if at < 0 || root.Content[at+1].Kind != yaml.ScalarNode {
		return "", Resolved(Default()), nil
	}
	name = root.Content[at+1].Value
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(path), name)
	}
	e := Default()
	d, err := load(fromDisk, name, nil, &e)
	if d == nil || d.root == nil {
		return name, nil, err
	}
	d.problems = slices.DeleteFunc(d.problems, func(p registry.Problem) bool { return p.Missing })
	return name, Resolved(e), d.problems.Err()
}

package experiments

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// maxFiles is how many files one experiment may be made of.
const maxFiles = 16

// own are the settings that belong to the file that says them: an experiment
// that extends another is not the same experiment.
var own = []string{"name", "purpose"}

// readFile gives the content of a file.
type readFile func(path string) ([]byte, error)

// compose loads a file over the files that it extends. chain holds the files on
// the way to it. The result is nil when nothing can be made of the file.
func (d *document) compose(read readFile, path string, data []byte, chain []string) *yaml.Node {
	d.sources[path] = data
	if len(chain) > 0 {
		d.heirs[path] = heir(chain)
	}
	root, problems := registry.Parse(path, data)
	d.problems = append(d.problems, problems...)
	if root == nil {
		return nil
	}
	d.adopt(root, registry.FromFile(path)(root))
	if root.Kind != yaml.MappingNode {
		d.add(root, "", "an experiment is a map of settings", "begin with name: and purpose:")
		return nil
	}
	d.spelling(root)
	edits := d.edits(root)
	at := lookup(root, "extends")
	if at < 0 {
		edits.refuse()
		return d.without(root, editWords)
	}
	base := d.parent(read, path, root.Content[at+1], append(chain, path))
	root = d.without(root, append(editWords, "extends"))
	if base == nil {
		d.partial = true
		return root
	}
	return edits.apply(d.without(base, own), root)
}

// heir names the file that inherits from the next, and the files between.
func heir(chain []string) string {
	switch between := chain[1:]; {
	case len(between) == 0:
		return chain[0]
	case len(between) > 3:
		return fmt.Sprintf("%s through %d files", chain[0], len(between))
	default:
		return chain[0] + " through " + strings.Join(between, ", ")
	}
}

// parent reads the file that an extends names.
func (d *document) parent(read readFile, child string, n *yaml.Node, chain []string) *yaml.Node {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" || n.Value == "" {
		d.add(n, "extends", "want the path of one file", "it is relative to "+filepath.Dir(child))
		return nil
	}
	path := n.Value
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(child), path)
	}
	if at := slices.Index(chain, path); at >= 0 {
		d.add(n, "extends", "goes in a circle: "+strings.Join(append(chain[at:], path), " -> "), "")
		return nil
	}
	if len(chain) >= maxFiles {
		d.add(n, "extends", fmt.Sprintf("more than %d files extend each other", maxFiles), "")
		return nil
	}
	data, err := read(path)
	if err != nil {
		d.add(n, "extends", fmt.Sprintf("cannot read %s: %v", path, reason(err)), "the path is relative to "+filepath.Dir(child))
		return nil
	}
	return d.compose(read, path, data, chain)
}

// reason is an error without the path that fs errors repeat.
func reason(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// without gives a map without some keys.
func (d *document) without(n *yaml.Node, keys []string) *yaml.Node {
	var pairs []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if !slices.Contains(keys, n.Content[i].Value) {
			pairs = append(pairs, n.Content[i], n.Content[i+1])
		}
	}
	return d.mapping(n, pairs)
}

// spelling finds a misspelt extends: the decoder does not know the word, since
// it is no setting.
func (d *document) spelling(root *yaml.Node) {
	for i := 0; i+1 < len(root.Content); i += 2 {
		key := root.Content[i]
		if key.Value == "extends" || slices.Contains(editWords, key.Value) || registry.Under(d.target, key.Value) != nil {
			continue
		}
		if hint := registry.Suggest(key.Value, []string{"extends"}); strings.HasPrefix(hint, "did you mean") {
			d.add(key, "", fmt.Sprintf("no setting %q", key.Value), hint)
			d.partial = true
			root.Content = slices.Delete(root.Content, i, i+2)
			return
		}
	}
}

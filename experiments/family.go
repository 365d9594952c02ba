package experiments

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// unlike are the settings in which repetitions of an experiment differ.
var unlike = []string{"seed", "name", "purpose"}

// Family names a resolved experiment whatever its seed, name and purpose: a hash of the rest of it,
// without other settings too where their paths are given, such as validation.run.
func Family(experiment string, also ...string) (string, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal([]byte(experiment), &doc); err != nil {
		return "", err
	}
	for _, path := range slices.Concat(unlike, also) {
		if len(doc.Content) == 1 {
			leaveOut(doc.Content[0], strings.Split(path, "."))
		}
	}
	text, err := yaml.Marshal(&doc)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// leaveOut removes a setting from a tree, if it is there.
func leaveOut(tree *yaml.Node, path []string) {
	if tree.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(tree.Content); i += 2 {
		switch {
		case tree.Content[i].Value != path[0]:
		case len(path) > 1:
			leaveOut(tree.Content[i+1], path[1:])
		default:
			tree.Content = slices.Delete(tree.Content, i, i+2)
			return
		}
	}
}

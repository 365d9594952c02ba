package experiments

import (
	"path/filepath"
	"slices"
	"strings"
)

// IsFile says whether a word names an experiment file, by its ending.
func IsFile(word string) bool {
	return slices.Contains([]string{".yaml", ".yml"}, strings.ToLower(filepath.Ext(word)))
}

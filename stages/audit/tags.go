package audit

import (
	"maps"
	"slices"
)

// tagSets give equal tags once: cases share them. A data set has few combinations, and a map
// for each case takes more memory than the case.
type tagSets map[string]map[string]string

// share gives tags that are equal to these, and must not be changed.
func (t tagSets) share(tags map[string]string) map[string]string {
	var key []byte
	for _, name := range slices.Sorted(maps.Keys(tags)) {
		key = append(append(append(append(key, name...), 0), tags[name]...), 0)
	}
	if known := t[string(key)]; known != nil {
		return known
	}
	t[string(key)] = tags
	return tags
}

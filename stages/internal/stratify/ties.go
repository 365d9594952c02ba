package stratify

import (
	"cmp"
	"strings"
)

// Tie is something that items stay together by: "study 17".
type Tie struct{ What, Name string }

func (t Tie) compare(o Tie) int {
	return cmp.Or(strings.Compare(t.What, o.What), strings.Compare(t.Name, o.Name))
}

// String names it in messages.
func (t Tie) String() string { return t.What + " " + t.Name }

// Connect gives each of n items the smallest name among all that it is tied to,
// directly or through others (disjoint sets with path halving, over numbers of names).
func Connect(n int, ties func(i int) []Tie) []Tie {
	names, parent, numbers := make([]Tie, 0, n), make([]int, 0, n), make(map[Tie]int, n)
	root := func(name Tie) int {
		at, known := numbers[name]
		if !known {
			at = len(names)
			numbers[name], names, parent = at, append(names, name), append(parent, at)
		}
		return rootOf(parent, at)
	}
	first := make([]int, n)
	for i := range first {
		tied := ties(i)
		first[i] = root(tied[0])
		for _, name := range tied[1:] {
			a, b := rootOf(parent, first[i]), root(name)
			if names[a].compare(names[b]) > 0 {
				a, b = b, a
			}
			parent[b] = a
		}
	}
	out := make([]Tie, n)
	for i, at := range first {
		out[i] = names[rootOf(parent, at)]
	}
	return out
}

// rootOf climbs to the top, and shortens the way for others.
func rootOf(parent []int, at int) int {
	for parent[at] != at {
		parent[at] = parent[parent[at]]
		at = parent[at]
	}
	return at
}

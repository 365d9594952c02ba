package stage

import (
	"slices"
	"strings"
)

// IntervalMethods says how the intervals of final numbers were found, and at what level: in one text
// where that is the same for all, else with the split before each. Numbers of single folds stand
// elsewhere and do not count. known is false where there are no intervals.
func IntervalMethods(finals []Scalar) (words string, level float64, known bool) {
	var splits, methods []string
	for _, s := range finals {
		if _, _, ofFold := ParseFoldName(s.Series); ofFold || s.Interval == nil {
			continue
		}
		level, known = max(level, s.Interval.Level), true // one that nobody measured has no level
		split, _, _ := strings.Cut(s.Series, " ")         // what is calibrated has the same
		if method := s.Interval.Method; method != "" && !slices.Contains(splits, split) {
			splits, methods = append(splits, split), append(methods, method)
		}
	}
	if len(slices.Compact(slices.Clone(methods))) == 1 {
		return methods[0], level, known
	}
	for i := range methods {
		methods[i] = splits[i] + ": " + methods[i]
	}
	return strings.Join(methods, "; "), level, known
}

package draft

import (
	"regexp"
	"slices"
	"strings"
)

// saysNothing are classes of those who have nothing, or the least: what metrics of a finding
// take for the negative class is the first one.
var saysNothing = regexp.MustCompile(`(?i)^(no|non|not|none|nothing|normal|negative|neg|healthy|controls?|cn|hc|nc|benign|absent|false|without|kein|keine|nein|ohne|gesund|sain|sano)([^\pL]|$)|^(non|not)[a-z]+ed$|^no[a-z]*(finding|tumou?r|lesion)s?$|^(unauffällig|unremarkable)$`)

// nothingFirst puts the class that says that there is nothing first, where one does; the
// others stay in their order.
func nothingFirst(classes []string) []string {
	out := slices.Clone(classes)
	slices.SortStableFunc(out, func(a, b string) int {
		first := func(class string) int {
			if saysNothing.MatchString(strings.TrimSpace(class)) {
				return 0
			}
			return 1
		}
		return first(a) - first(b)
	})
	return out
}

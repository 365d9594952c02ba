package audit

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// spineLevel takes the name of a vertebra or of a disc apart, which is named after both neighbours:
// T12, L1/L2, L5-S1, l1_l2, L1-2.
var spineLevel = regexp.MustCompile(`^([ctls])(\d{1,2})(?:[-_/ ]?([ctls]?)(\d{1,2}))?$`)

// vertebrae are those of each region, from above: C1 to C7, T1 to T12, L1 to L5, S1 to S5.
var vertebrae = []struct {
	region string
	count  int
}{{"c", 7}, {"t", 12}, {"l", 5}, {"s", 5}}

// vertebra counts from C1, which is 0; -1 for none of those above.
func vertebra(region, number string) int {
	n, before := atoi(number), 0
	for _, v := range vertebrae {
		if v.region == region {
			if n < 1 || n > v.count {
				return -1
			}
			return before + n - 1
		}
		before += v.count
	}
	return -1
}

func atoi(digits string) int {
	n, _ := strconv.Atoi(digits) // two digits at most
	return n
}

// alongSpine numbers levels by where they lie in the spine, so that it does not matter which others
// there are; nil unless all are vertebrae, or all are discs.
func alongSpine(names []string) map[string]int {
	out, taken := map[string]int{}, []int{}
	discs := 0
	for _, name := range names {
		m := spineLevel.FindStringSubmatch(strings.ToLower(strings.TrimSpace(name)))
		if m == nil {
			return nil
		}
		at := vertebra(m[1], m[2])
		if m[4] != "" {
			discs++
			if region := m[3]; region == "" && vertebra(m[1], m[4]) != at+1 || region != "" && vertebra(region, m[4]) != at+1 {
				return nil
			}
		}
		if at < 0 || slices.Contains(taken, at) {
			return nil
		}
		out[name], taken = at, append(taken, at)
	}
	if discs > 0 && discs < len(names) {
		return nil
	}
	return out
}

package audit

import "vertebra/stages/stage"

// sharing tells how far the labels go beyond what a whole image can know.
type sharing struct {
	Images      int     // distinct image files
	Shared      float64 // share of cases whose image has another case
	Conflicting float64 // share of cases on images with several labels
	Ceiling     float64 // accuracy of the best guess from the image alone: each image's commonest label
}

func share(cases []stage.Case) sharing {
	labels := map[string]map[int]int{} // image -> label -> cases
	for _, c := range cases {
		if labels[c.Image] == nil {
			labels[c.Image] = map[int]int{}
		}
		labels[c.Image][c.Label]++
	}
	shared, conflicting, right := 0, 0, 0
	for _, counts := range labels {
		total, most := 0, 0
		for _, n := range counts {
			total, most = total+n, max(most, n)
		}
		if total > 1 {
			shared += total
		}
		if len(counts) > 1 {
			conflicting += total
		}
		right += most
	}
	n := float64(max(1, len(cases)))
	return sharing{len(labels), float64(shared) / n, float64(conflicting) / n, float64(right) / n}
}

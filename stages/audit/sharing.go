package audit

import "vertebra/stages/stage"

// sharing tells how far the labels go beyond what a whole image can know.
type sharing struct {
	Images      int     // distinct image files
	Shared      float64 // share of cases whose image has another case of their target
	Conflicting float64 // share of cases on images with several labels of one target
	Ceiling     float64 // accuracy of the best guess from the image alone: each image's commonest label
}

func share(cases []stage.Case) sharing {
	type question struct {
		image  string
		target int
	}
	labels, images := map[question]map[int]int{}, map[string]bool{} // labels: question -> label -> cases
	for _, c := range cases {
		asked := question{c.Seen(), c.Target}
		if labels[asked] == nil {
			labels[asked] = map[int]int{}
		}
		labels[asked][c.Label]++
		images[c.Seen()] = true
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
	return sharing{len(images), float64(shared) / n, float64(conflicting) / n, float64(right) / n}
}

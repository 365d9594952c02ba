package preprocess

import (
	"fmt"

	"vertebra/stages/stage"
)

// looked is how many training images are looked at for values that the window cut off.
const looked = 64

// shadeless warns where most pixels of the training images are of the largest value, or nearly
// all black: the window is then not that of the files, such as [0, 1] for pictures of 8 bits, or
// one of 16 bits for such. Percentiles leave shades by themselves.
func (im *Images) shadeless() *stage.Event {
	var train []int
	for _, i := range im.inSplits() {
		if im.Cases[i].Split == stage.Train {
			train = append(train, i)
		}
	}
	white, sum, n := 0.0, 0.0, 0.0
	for k := range min(looked, len(train)) {
		i := train[k*len(train)/min(looked, len(train))]
		for channel := range im.Shape().Channels {
			for _, v := range im.plane(i, channel) {
				if n++; v >= 1 {
					white++
				}
				sum += float64(v)
			}
		}
	}
	what := ""
	switch {
	case n == 0:
	case white > n/2:
		what = fmt.Sprintf("%.0f %% of the pixels of training images are of the largest value", 100*white/n)
	case sum < n/100:
		what = fmt.Sprintf("the training images are all but black: their mean is %.4f, of values from 0 to 1", sum/n)
	}
	if what == "" {
		return nil
	}
	return &stage.Event{Level: "warning", Stage: "preprocess", Text: what + ": unless they are so, the step window does not fit the values in the files; runner preview shows the images"}
}

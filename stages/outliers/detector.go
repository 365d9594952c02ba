// Package outliers tells images that are unlike those a net was trained on, by what the net's
// last layer sees of them: another scanner, another part of the body, a screenshot. It is the
// distance of Mahalanobis (Lee et al. 2018, "A simple unified framework for detecting
// out-of-distribution samples", with one Gaussian for all classes, since nets may answer several
// questions), and how rare such a distance is among images of the validation split (Bates et
// al. 2023, "Testing for outliers with conformal p-values"). What it keeps of the training images are means and
// spreads, none of a single image.
package outliers

import "sort"

// Column is what tables of predictions call Detector.P.
const Column = "outlier_p"

// Detector knows what the features of training images are like.
type Detector struct {
	Mean   []float32   // of each feature
	Axes   [][]float32 // directions_KF in which features vary most, each of length 1
	Spread []float32   // variance along each axis
	Rest   float32     // variance in every other direction
	// Distances are those of the validation images, ascending.
	Distances []float32
}

// Distance is Mahalanobis' of features_F from the training images, squared, for each feature: 1 is usual.
func (d *Detector) Distance(features_F []float32) float64 {
	away, left := make([]float64, len(features_F)), 0.0
	for i, v := range features_F {
		away[i] = float64(v) - float64(d.Mean[i])
		left += away[i] * away[i]
	}
	sum := 0.0
	for k, axis := range d.Axes {
		along := 0.0
		for i, v := range axis {
			along += float64(v) * away[i]
		}
		sum += along * along / float64(d.Spread[k])
		left -= along * along
	}
	if len(d.Axes) < len(d.Mean) {
		sum += max(0, left) / float64(d.Rest)
	}
	return sum / float64(len(d.Mean))
}

// P is the conformal p-value of a distance: of the validation images and this one, the share
// that lies at least so far out. Of images like those of the validation split a share p has p or less.
func (d *Detector) P(distance float64) float64 {
	nearer := sort.Search(len(d.Distances), func(i int) bool { return d.Distances[i] >= float32(distance) })
	return float64(1+len(d.Distances)-nearer) / float64(1+len(d.Distances))
}

// Rare is the largest P that says something of a single image.
const Rare = 0.05

// Least is the smallest P that there is: that of images further out than all of validation.
func (d *Detector) Least() float64 { return 1 / float64(1+len(d.Distances)) }

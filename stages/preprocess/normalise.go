package preprocess

import (
	"fmt"
	"math"
)

func init() {
	Steps.Add("normalise", "says how pixels enter the net: ImageNet's or Caffe's mean, z-score, or as they are",
		Normalise{By: "imagenet", Range: 255, Scope: "slice", Clip: 5, TrainScale: 1})
}

// Normalise takes the place of model.input's mean and std. Images stay stored in
// [0, 1]; the net applies what is left, on its device. imagenet is torchvision's
// (x − mean) / std; caffe is Keras' preprocess_input(mode='caffe'): red and blue
// change places, x·Range − (103.939, 116.779, 123.68). z_score subtracts mean and
// divides by the standard deviation (of the population) of the scope, and clips
// what is further away than Clip.
type Normalise struct {
	By         string  `help:"which formula" oneof:"imagenet caffe z_score none"`
	Range      float64 `help:"what 1 becomes before Caffe's means are subtracted: 255 as they were made for; 1 repeats the mistake of giving them images in [0, 1]; for by: caffe" over:"0" max:"65535" when:"by=caffe"`
	Scope      string  `help:"over which values mean and deviation are taken; for by: z_score" oneof:"series slice crop" when:"by=z_score"`
	Clip       float64 `help:"largest distance from the mean that is kept, in standard deviations; for by: z_score" over:"0" max:"1000" when:"by=z_score"`
	TrainScale float64 `help:"factor on training images alone, after all else; only 1 shows the net the same kind of image in training and in validation, other values repeat a known mistake" over:"0" max:"1000"`
}

// Normalisation is how stored pixels in [0, 1] enter the net: (x − Mean) / Std,
// then times TrainScale while training. One number stands for every channel.
type Normalisation struct {
	Mean, Std  []float64
	TrainScale float64
}

// caffeMeans are of ImageNet's blue, green and red in 0 to 255.
var caffeMeans = [3]float64{103.939, 116.779, 123.68}

// Normalisation is what the net has to do.
func (n Normalise) Normalisation() Normalisation {
	out := Normalisation{Mean: []float64{0}, Std: []float64{1}, TrainScale: n.TrainScale}
	switch n.By {
	case "imagenet":
		out.Mean, out.Std = []float64{0.485, 0.456, 0.406}, []float64{0.229, 0.224, 0.225}
	case "caffe":
		out.Mean, out.Std = nil, nil
		for _, mean := range caffeMeans {
			out.Mean, out.Std = append(out.Mean, mean/n.Range), append(out.Std, 1/n.Range)
		}
	case "z_score":
		out.Mean, out.Std = []float64{0.5}, []float64{1 / (2 * n.Clip)}
	}
	return out
}

// Needs are statistics beyond the picture, for z_score.
func (n Normalise) Needs() Needs {
	if n.By != "z_score" {
		return Needs{}
	}
	return Needs{Series: n.Scope == "series", Slice: n.Scope == "slice"}
}

// Apply does what differs between images: z-scores, and the order of channels.
func (n Normalise) Apply(p *Picture) error {
	switch {
	case n.By == "z_score":
		return n.zScore(p)
	case n.By == "caffe" && p.Channels == 3:
		red, blue := p.Plane(0), p.Plane(2)
		for i := range red {
			red[i], blue[i] = blue[i], red[i]
		}
	}
	return nil
}

// zScore stores z from −Clip to Clip as 0 to 1.
func (n Normalise) zScore(p *Picture) error {
	over, err := p.statistics(n.Scope)
	if err != nil {
		return fmt.Errorf("normalise: %w", err)
	}
	mean, std, err := over.MeanStd()
	if err != nil {
		return fmt.Errorf("normalise: %w", err)
	}
	if math.IsNaN(mean) || math.IsNaN(std) || math.IsInf(std, 0) {
		return fmt.Errorf("normalise: mean %v and standard deviation %v; want finite numbers", mean, std)
	}
	if std == 0 {
		p.warn("no contrast: all values of the %s are %v", n.Scope, mean)
		std = 1
	}
	for i, v := range p.Pixels {
		z := (float64(v) - mean) / std
		p.Pixels[i] = float32(min(max(z/(2*n.Clip)+0.5, 0), 1))
	}
	return nil
}

// Values are stored in [0, 1] in any case.
func (n Normalise) Values(in Values) (Values, error) {
	switch {
	case n.By == "z_score" && n.Scope != "crop" && in != Modality:
		return in, fmt.Errorf("z_score of the %s wants %s, an earlier step made them %s; use scope: crop or remove a step", n.Scope, Modality, in)
	case n.By != "z_score" && in != Unit:
		return in, fmt.Errorf("it wants %s, they are %s; put a window before it", Unit, in)
	}
	return Unit, nil
}

// Shape stays.
func (Normalise) Shape(in Shape) (Shape, error) { return in, nil }

// Version is that of the formulas.
func (Normalise) Version() int { return 1 }

package preprocess

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"math"

	"vertebra/stages/stage"
)

// shown is how many pictures of each class the report gets.
const shown = 4

// tell records where the images came from, what failed, and what they look like.
func (im *Images) tell(ctx context.Context, env stage.Env, hit string, classes []string) error {
	records := []stage.Record{
		stage.Fact{Name: "preprocess cache", Value: hit},
		stage.Fact{Name: "images", Value: fmt.Sprintf("%d of %d×%d", im.Len(), im.head.Shape.Width, im.head.Shape.Height)},
	}
	records = append(records, im.failures()...)
	records = append(records, im.spread()...)
	gallery := stage.Gallery{Name: "preprocessed", Title: "Preprocessed images, training split", Section: "data"}
	for label, class := range classes {
		for _, i := range im.some(label) {
			picture, err := Thumbnail(im.floats(i), im.head.Shape)
			if err != nil {
				return err
			}
			gallery.Pictures = append(gallery.Pictures, stage.Picture{Caption: class + " · " + im.Cases[i].ID, PNG: picture})
		}
	}
	return env.Recorder.Record(ctx, append(records, gallery)...)
}

func (im *Images) failures() []stage.Record {
	var records []stage.Record
	if len(im.head.Failed) > 0 {
		t := stage.Table{Name: "undecoded", Title: "Cases dropped because their image could not be used", Section: "data", Columns: []string{"case", "reason"}}
		for _, f := range im.head.Failed {
			t.Rows = append(t.Rows, []any{f.ID, f.Reason})
		}
		text := fmt.Sprintf("%d cases were dropped because their image could not be used, the first: %s: %s", len(t.Rows), im.head.Failed[0].ID, im.head.Failed[0].Reason)
		records = append(records, t, stage.Event{Level: "warning", Stage: "preprocess", Text: text})
	}
	if n := len(im.head.Warnings); n > 0 {
		text := fmt.Sprintf("%d images have a warning, the first: %s: %s", n, im.head.Warnings[0].ID, im.head.Warnings[0].Reason)
		records = append(records, stage.Event{Level: "warning", Stage: "preprocess", Text: text})
	}
	return records
}

// some picks images of a class from the training split, evenly spread.
func (im *Images) some(label int) []int {
	var all []int
	for i, c := range im.Cases {
		if c.Label == label && c.Split == stage.Train {
			all = append(all, i)
		}
	}
	if len(all) <= shown {
		return all
	}
	out := make([]int, shown)
	for i := range out {
		out[i] = all[i*len(all)/shown]
	}
	return out
}

func (im *Images) floats(i int) []float32 {
	raw := im.Bytes(i)
	out := make([]float32, len(raw)/2)
	for j := range out {
		out[j] = float32(binary.LittleEndian.Uint16(raw[2*j:])) * im.Scale()
	}
	return out
}

// Thumbnail makes a grey PNG of at most 128 pixels a side from values in [0, 1].
func Thumbnail(pixels []float32, shape Shape) ([]byte, error) {
	p := &Picture{Width: shape.Width, Height: shape.Height, Pixels: pixels}
	if shape.Width > 128 || shape.Height > 128 {
		if err := (Resize{Pixels: 128}).Apply(p); err != nil {
			return nil, err
		}
	}
	img := image.NewGray(image.Rect(0, 0, p.Width, p.Height))
	for i, v := range p.Pixels {
		img.Pix[i] = uint8(math.Round(float64(min(max(v, 0), 1)) * 255))
	}
	var out bytes.Buffer
	err := png.Encode(&out, img)
	return out.Bytes(), err
}

// spread measures mean and standard deviation of each split, and warns where
// one lies far from training: then the net would see another kind of image.
func (im *Images) spread() []stage.Record {
	t := stage.Table{Name: "input_statistics", Title: "Pixels of each split, in [0, 1]", Section: "data", Columns: []string{"split", "images", "mean", "standard deviation"}}
	var records []stage.Record
	var trainMean, trainStd float64
	for _, split := range stage.Splits {
		n, mean, std := im.moments(split)
		if n == 0 {
			continue
		}
		t.Rows = append(t.Rows, []any{string(split), n, mean, std})
		if split == stage.Train {
			trainMean, trainStd = mean, std
		} else if math.Abs(mean-trainMean) > 0.25*trainStd {
			records = append(records, stage.Event{Level: "warning", Stage: "preprocess", Text: fmt.Sprintf(
				"the mean pixel of the %s split is %.3f, that of training %.3f: the splits do not look alike", split, mean, trainMean)})
		}
	}
	return append(records, t)
}

func (im *Images) moments(split stage.Split) (images int, mean, std float64) {
	var sum, squares, n float64
	for i, c := range im.Cases {
		if c.Split != split {
			continue
		}
		images++
		for _, v := range im.floats(i) {
			sum += float64(v)
			squares += float64(v) * float64(v)
			n++
		}
	}
	if n == 0 {
		return 0, 0, 0
	}
	mean = sum / n
	return images, mean, math.Sqrt(max(0, squares/n-mean*mean))
}

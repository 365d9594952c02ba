package preprocess

import (
	"context"
	"encoding/binary"
	"fmt"

	"vertebra/stages/stage"
)

// shown is how many pictures of each class the report gets.
const shown = 4

// tell records where the images came from, what failed, and what they look like.
func (im *Images) tell(ctx context.Context, env stage.Env, cache string, classes []string) error {
	shape := im.head.Shape
	records := []stage.Record{
		stage.Fact{Name: "preprocess cache", Value: cache},
		stage.Fact{Name: "images", Value: fmt.Sprintf("%d of %d×%d", im.Len(), shape.Width, shape.Height)},
	}
	records = append(records, im.head.failures()...)
	records = append(records, im.spread()...)
	gallery := stage.Gallery{Name: "preprocessed", Title: "Preprocessed images, training split", Section: "data"}
	for label, class := range classes {
		for _, i := range im.some(label) {
			picture, err := Thumbnail(im.floats(i), shape)
			if err != nil {
				return err
			}
			gallery.Pictures = append(gallery.Pictures, stage.Picture{Caption: im.Cases[i].ID + " · " + class, PNG: picture})
		}
	}
	if len(gallery.Pictures) > 0 {
		records = append(records, gallery)
	}
	return env.Recorder.Record(ctx, records...)
}

// failures are the records of what went wrong with single images.
func (c contents) failures() []stage.Record {
	var records []stage.Record
	if n := len(c.Failed); n > 0 {
		t := stage.Table{Name: "undecoded", Title: "Cases dropped because their image could not be used", Section: "data", Columns: []string{"case", "reason"}}
		for _, f := range c.Failed {
			t.Rows = append(t.Rows, []any{f.ID, f.Reason})
		}
		text := fmt.Sprintf("dropped because their image could not be used: %d of %d cases, the first: %s: %s", n, c.Slots, c.Failed[0].ID, c.Failed[0].Reason)
		records = append(records, t, stage.Event{Level: "warning", Stage: "preprocess", Text: text})
	}
	if n := len(c.Warnings); n > 0 {
		text := fmt.Sprintf("warnings about images: %d, the first: %s: %s", n, c.Warnings[0].ID, c.Warnings[0].Reason)
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

package preprocess

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"vertebra/stages/stage"
)

// shown is how many pictures of each class the report gets.
const shown = 4

// tell records where the images came from, what failed, and what they look like.
func (b *builder) tell(ctx context.Context, im *Images) error {
	shape := im.Shape()
	records := []stage.Record{
		stage.Fact{Name: "preprocess cache", Value: map[bool]string{true: "hit", false: "miss"}[b.hit]},
		stage.Fact{Name: "preprocessed images", Value: fmt.Sprintf("%d of %d×%d×%d, %d bytes a pixel", im.Len(), shape.Channels, shape.Height, shape.Width, im.BytesPerPixel())},
	}
	records = append(records, stage.Fact{Name: StepsFact, Value: versionsText(b.chain.cfg.Versions())})
	if im.views > 1 {
		records = append(records, stage.Fact{Name: "views", Value: strings.Join(im.Views, ", ") + "; pictures show them row by row"})
	}
	records = append(records, b.uses()...)
	records = append(records, im.head.failures(b.cases.Local)...)
	if im.lost > 0 {
		text := fmt.Sprintf("left out because one of their views could not be used: %d of %d samples", im.lost, im.lost+im.Len())
		records = append(records, stage.Event{Level: "warning", Stage: "preprocess", Text: text})
	}
	records = append(records, im.spread()...)
	if err := b.env.Recorder.Record(ctx, records...); err != nil {
		return err
	}
	return im.gallery(ctx, b.env, b.cases.Classes)
}

// uses tells how much of each step came from the cache.
func (b *builder) uses() []stage.Record {
	what := "case"
	if len(b.cases.Views) > 0 {
		what = "picture"
	}
	t := stage.Table{Name: "preprocess_steps", Title: "Where the results of each preprocessing step came from, in " + what + "s", Section: "data",
		Columns: []string{"step", "computed", "shared with another " + what + " or the statistics of its series", "from the cache"}}
	text := ""
	for i, u := range b.used() {
		t.Rows = append(t.Rows, []any{u.Step, u.Computed, u.Shared, u.Reused})
		text += fmt.Sprintf("%s%s: %d computed, %d from the cache", map[bool]string{true: "", false: "; "}[i == 0], u.Step, u.Computed+u.Shared, u.Reused)
	}
	records := []stage.Record{t, stage.Event{Level: "info", Stage: "preprocess", Text: text}}
	if b.full != nil {
		records = append(records, stage.Event{Level: "warning", Stage: "preprocess", Text: fmt.Sprintf("results of single steps are not stored any more: %v", b.full)})
	}
	return records
}

// gallery shows a few images of each class.
func (im *Images) gallery(ctx context.Context, env stage.Env, classes []string) error {
	gallery := stage.Gallery{Name: "preprocessed", Title: "Preprocessed images, training split" + im.InViews(), Section: "data"}
	for label, class := range classes {
		for _, i := range im.some(label) {
			picture, err := im.Thumbnail(i, longest)
			if err != nil {
				return err
			}
			gallery.Pictures = append(gallery.Pictures, stage.Picture{Caption: im.Cases[i].ID + " · " + class, PNG: picture})
		}
	}
	if len(gallery.Pictures) == 0 {
		return nil
	}
	return env.Recorder.Record(ctx, gallery)
}

// failures are the records of what went wrong with single images, with local applied to reasons.
func (c contents) failures(local func(string) string) []stage.Record {
	var records []stage.Record
	if n := len(c.Failed); n > 0 {
		t := stage.Table{Name: "undecoded", Title: "Cases dropped because their image could not be used", Section: "data", Columns: []string{"case", "reason"}}
		for _, f := range c.Failed {
			t.Rows = append(t.Rows, []any{f.ID, local(f.Reason)})
		}
		text := fmt.Sprintf("dropped because their image could not be used: %d of %d cases, the first: %s", n, c.Slots, c.Failed[0].told(local))
		records = append(records, t, stage.Event{Level: "warning", Stage: "preprocess", Text: text})
	}
	if n := len(c.Warnings); n > 0 {
		text := fmt.Sprintf("warnings about images: %d, the first: %s", n, c.Warnings[0].told(local))
		records = append(records, stage.Event{Level: "warning", Stage: "preprocess", Text: text})
	}
	return records
}

// told is the remark in words, with local applied to its reason, which may begin with the file
// that the case is called by.
func (r Remark) told(local func(string) string) string {
	reason := local(r.Reason)
	if strings.HasPrefix(reason, r.ID+": ") {
		return reason
	}
	return r.ID + ": " + reason
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

// InViews tells, at the end of a title, in which order pictures show views and slices;
// nothing where they show one.
func (im *Images) InViews() string {
	slices := im.layout.Shape.Channels
	all := len(Shown(im.Shape().Channels, im.views)) > im.views
	switch {
	case im.views < 2 && !all:
		return ""
	case im.views < 2:
		return fmt.Sprintf("; the %d slices row by row", slices)
	case all:
		return fmt.Sprintf("; row by row the %d slices of each view: %s", slices, strings.Join(im.Views, ", "))
	}
	return "; views row by row: " + strings.Join(im.Views, ", ")
}

// plane gives a channel of the image of case i.
func (im *Images) plane(i, channel int) []float32 {
	raw, shape, size := im.Bytes(i), im.Shape(), im.layout.BytesPerPixel
	n := shape.Height * shape.Width
	raw = raw[channel*n*size:][:n*size]
	out := make([]float32, n)
	for j := range out {
		if size == 1 {
			out[j] = float32(raw[j]) * im.Scale()
		} else {
			out[j] = float32(binary.LittleEndian.Uint16(raw[2*j:])) * im.Scale()
		}
	}
	return out
}

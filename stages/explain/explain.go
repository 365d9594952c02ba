// Package explain shows single cases: where a net was most wrong, where it was
// least certain, what it confuses, and which places of an image decided that.
package explain

import (
	"context"
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// Subject is a trained net with what it saw.
type Subject struct {
	Net     *model.Net
	Images  *preprocess.Images
	Classes []string
	// Scores gives of the net's outputs a number for each class that grows with its
	// probability, scores_B(QK): of Q targets those of one beside those of the next.
	Scores func(s *torch.Scope, logits_BO torch.Tensor) torch.Tensor
	// LoadFold gives the net of a fold of a cross-validation, which may be Net with other weights;
	// nil where Net made all predictions itself. What several nets said together is shown
	// without asking where they looked, but by Looked.
	LoadFold func(ctx context.Context, fold int) (*model.Net, error)
	// Alike is how many samples of a split are laid out by what the net sees; 0 for no such figure.
	Alike int
}

// section is where the report shows the galleries.
const section = "pictures"

// ConfusionTitle is the title of the confusion matrix of a split, whose cells the
// galleries belong to; evaluate gives it.
func ConfusionTitle(split stage.Split) string { return fmt.Sprintf("Confusion matrix, %s", split) }

// Run records galleries of the validation and the test split, and a thumbnail of
// every case that the net got wrong: a later comparison shows those that another
// run gets right.
func Run(ctx context.Context, env stage.Env, x Subject, predictions []stage.Prediction) error {
	at := x.places()
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		var items []item
		for _, p := range predictions {
			if i, known := at[p.CaseID]; known && p.Split == split {
				items = append(items, newItem(p, i))
			}
		}
		if len(items) == 0 {
			continue
		}
		if err := x.record(ctx, env, split, items); err != nil {
			return fmt.Errorf("%s split: %w", split, err)
		}
	}
	return nil
}

// places finds the image of each case.
func (x Subject) places() map[string]int {
	at := make(map[string]int, len(x.Images.Cases))
	for i, c := range x.Images.Cases {
		at[c.ID] = i
	}
	return at
}

func (x Subject) record(ctx context.Context, env stage.Env, split stage.Split, items []item) error {
	var records []stage.Record
	for _, of := range []func(context.Context, stage.Split, []item) ([]stage.Record, error){x.galleries, x.landscape, x.thumbnails} {
		made, err := of(ctx, split, items)
		if err != nil {
			return err
		}
		records = append(records, made...)
	}
	return env.Recorder.Record(ctx, records...)
}

// missing records that something could not be made: a trained net is not lost for the sake
// of its pictures. Whoever stops the run stops it here too.
func missing(ctx context.Context, split stage.Split, what string, err error) ([]stage.Record, error) {
	if ctx.Err() != nil {
		return nil, err
	}
	return []stage.Record{stage.Event{Level: "warning", Stage: "explain", Text: fmt.Sprintf("%s: %s: %v", split, what, err)}}, nil
}

// galleries are the choices of single cases.
func (x Subject) galleries(ctx context.Context, split stage.Split, items []item) (records []stage.Record, err error) {
	choices := choose(x.Classes, split, items)
	var shown []item
	for _, c := range choices {
		shown = append(shown, c.items...)
	}
	overlays, err := x.overlays(ctx, shown)
	if err != nil {
		if records, err = missing(ctx, split, "pictures do not show where the net looked", err); err != nil {
			return nil, err
		}
	}
	for _, c := range choices {
		gallery, err := x.gallery(c, overlays)
		if err != nil {
			return nil, err
		}
		records = append(records, gallery)
	}
	return records, nil
}

// gallery makes the pictures of one choice.
func (x Subject) gallery(c choice, overlays map[int][]byte) (stage.Gallery, error) {
	const side = 112
	g := stage.Gallery{Name: c.name, Title: c.title, Section: section, Cell: c.cell}
	for _, it := range c.items {
		picture, err := x.Images.Thumbnail(it.image, side)
		if err != nil {
			return g, err
		}
		g.Pictures = append(g.Pictures, stage.Picture{Caption: it.caption(x.Classes), PNG: picture, Case: it.CaseID, Overlay: overlays[it.image]})
	}
	return g, nil
}

func (it item) caption(classes []string) string {
	if it.said == it.Label {
		return fmt.Sprintf("%s · %s (%.3f)", it.CaseID, classes[it.Label], it.Probabilities[it.said])
	}
	return fmt.Sprintf("%s · %s, taken for %s (%.3f)", it.CaseID, classes[it.Label], classes[it.said], it.Probabilities[it.said])
}

// thumbnails are small pictures of the cases that the net got wrong.
func (x Subject) thumbnails(_ context.Context, _ stage.Split, items []item) (records []stage.Record, err error) {
	const side, most = 80, 4000
	for _, it := range items {
		if it.said == it.Label || len(records) == most {
			continue
		}
		picture, err := x.Images.Thumbnail(it.image, side)
		if err != nil {
			return nil, err
		}
		records = append(records, stage.Thumbnail{Case: it.CaseID, PNG: picture})
	}
	return records, nil
}

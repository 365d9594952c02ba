package train

import (
	"context"
	"errors"

	"vertebra/stages/internal/torch"
)

// featureFeed gives what the fixed layers of a phase make of images, in place of
// the images. Validation comes first among the rows, then one view of the training
// images after the other, each when it is first shown.
type featureFeed struct {
	plan     FeaturePlan
	rows     featureRows
	place    map[int]int // of an image among those of its split
	trained  map[int]bool
	checks   int      // validation images
	count    int      // training images
	mirrored [][]bool // by view and place
	view     int
	batches  [][]int
	current  []bool // which images of the batch that next gave are mirrored
}

func (f *featureFeed) begin(batches [][]int) { f.batches = batches }

func (f *featureFeed) next(s *torch.Scope) torch.Tensor {
	items := f.batches[0]
	f.batches = f.batches[1:]
	rows := make([]int, len(items))
	f.current = f.current[:0]
	for i, item := range items {
		rows[i] = f.place[item]
		if f.trained[item] {
			f.current = append(f.current, f.mirrored[f.view][rows[i]])
			rows[i] += f.checks + f.view*f.count
		}
	}
	return f.rows.take(s, rows)
}

func (f *featureFeed) close() error { return f.rows.close() }

// open reserves room: on the device if it has enough, else in memory or a file.
func (f *featureFeed) open(ctx context.Context, t *trainer, shape []int64) (where string, err error) {
	n := f.checks + f.plan.Views*f.count
	if t.net.Engine().Device().CUDA {
		err = t.net.Engine().Do(ctx, func(s *torch.Scope) error {
			s.EmptyCache() // what is free there counts as well
			facts, err := s.Facts()
			if err == nil && float64(f.plan.Bytes) <= residentShare*float64(facts.Free) {
				f.rows = newDeviceRows(s, n, shape)
			}
			return errors.Join(err, s.Err())
		})
		if err != nil || f.rows != nil {
			return "on the device", err
		}
	}
	where = "in memory"
	if f.plan.File {
		where = "in a file"
	}
	f.rows, err = newHostRows(n, shape, f.plan.File, t.env.Cache)
	return where, err
}

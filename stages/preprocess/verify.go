package preprocess

import (
	"context"
	"fmt"
	"hash/crc32"
	"os"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/stage"
)

// verify holds every image of a file against its checksum, before anything is trained on them:
// a block that the disk lost would be other images, and nobody would know. What lies in memory
// took a second for 2 GB (on two cores that others used too), and the rest as long as the disk
// needs, which the first epoch then does not. It reads and does not look into the map, where a
// disk that cannot read would end the process.
func (im *Images) verify(ctx context.Context, env stage.Env, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	var next, done atomic.Int64
	group, ctx := errgroup.WithContext(ctx)
	for range max(1, env.Workers) {
		group.Go(func() error {
			data := make([]byte, im.layout.bytes())
			for {
				from := int(next.Add(verifiedAtOnce)) - verifiedAtOnce
				if from >= len(im.head.Images) {
					return nil
				}
				some := im.head.Images[from:min(from+verifiedAtOnce, len(im.head.Images))]
				if err := im.verifySome(ctx, f, some, data); err != nil {
					return err
				}
				env.Recorder.Progress(stage.Progress{Stage: "preprocess", Label: "looking over cached images", Done: int(done.Add(int64(len(some)))), Total: len(im.head.Images), Unit: "images"})
			}
		})
	}
	return group.Wait()
}

const verifiedAtOnce = 256

func (im *Images) verifySome(ctx context.Context, f *os.File, some []entry, data []byte) error {
	line, table := make([]byte, rowSize), int64(headSize+im.head.Slots*len(data))
	for _, e := range some {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := f.ReadAt(data, int64(headSize+e.Slot*len(data))); err != nil {
			return err
		}
		if _, err := f.ReadAt(line, table+int64(e.Slot*rowSize)); err != nil {
			return err
		}
		if r, ok := parseRow(line); !ok || crc32.Checksum(data, castagnoli) != r.Check {
			return fmt.Errorf("%s: the image of %s is not the one that was written", f.Name(), e.ID)
		}
	}
	return nil
}

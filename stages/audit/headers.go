package audit

import (
	"context"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/stage"
)

// headers reads the header of every image that a case needs, and drops cases
// whose image is missing or unreadable, or whose point lies outside it.
func (c *Cases) headers(ctx context.Context, env stage.Env) error {
	images := map[string]bool{}
	for _, one := range c.Cases {
		images[one.Image] = true
	}
	var lock sync.Mutex
	heads, broken, done := map[string]dicom.Header{}, map[string]error{}, 0
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, env.Workers))
	for path := range images {
		group.Go(func() error {
			if err := context.Cause(inner); err != nil {
				return err
			}
			h, err := dicom.ReadHeader(path)
			if err == nil {
				err = whole(path, h)
			}
			lock.Lock()
			defer lock.Unlock()
			if heads[path] = h; err != nil {
				broken[path] = err
			}
			done++
			env.Recorder.Progress(stage.Progress{Stage: "audit", Label: "headers", Done: done, Total: len(images), Unit: "files"})
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	c.drop("missing image", "the file is not in train_images", func(one stage.Case) bool { return os.IsNotExist(broken[one.Image]) })
	c.drop("unreadable image", "the file is no DICOM image that can be read", func(one stage.Case) bool { return broken[one.Image] != nil })
	c.drop("point outside the image", "x or y lies beyond the image's columns or rows", func(one stage.Case) bool {
		h := heads[one.Image]
		p := one.Point
		return p != nil && (p.X < 0 || p.Y < 0 || p.X > float64(h.Columns) || p.Y > float64(h.Rows))
	})
	return nil
}

// whole says whether the file can hold the pixels that its header claims, where
// they lie there as they are (implicit or explicit, little or big endian).
func whole(path string, h dicom.Header) error {
	switch h.TransferSyntax {
	case "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2":
	default:
		return nil
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if want := int64(h.Rows) * int64(h.Columns) * int64(h.BitsAllocated/8); info.Size() < want {
		return fmt.Errorf("%s: cut off: %d bytes cannot hold %d×%d pixels", path, info.Size(), h.Columns, h.Rows)
	}
	return nil
}

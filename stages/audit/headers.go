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

// headers are what the image files say, by path.
type headers map[string]head

type head struct {
	dicom.Header
	err error
}

// readHeaders reads the header of every image that a case needs.
func readHeaders(ctx context.Context, env stage.Env, cases []stage.Case) (headers, error) {
	images := map[string]bool{}
	for _, one := range cases {
		images[one.Image] = true
	}
	var lock sync.Mutex
	out := headers{}
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(1, env.Workers))
	for path := range images {
		group.Go(func() error {
			if inner.Err() != nil {
				return context.Cause(inner)
			}
			h, err := dicom.ReadHeader(path)
			if err == nil {
				err = h.CheckPixels()
			}
			lock.Lock()
			defer lock.Unlock()
			out[path] = head{h, err}
			env.Recorder.Progress(stage.Progress{Stage: "audit", Label: "headers", Done: len(out), Total: len(images), Unit: "files"})
			return nil
		})
	}
	return out, group.Wait()
}

// dropByHeader drops cases whose image is missing or unreadable, or whose point
// lies outside it.
func (c *Cases) dropByHeader(heads headers) {
	c.drop("missing image", func(one stage.Case) string {
		if os.IsNotExist(heads[one.Image].err) {
			return "the image file is not there"
		}
		return ""
	})
	c.drop("unreadable image", func(one stage.Case) string {
		if err := heads[one.Image].err; err != nil {
			return "the first: " + err.Error()
		}
		return ""
	})
	c.drop("point outside the image", func(one stage.Case) string {
		h, p := heads[one.Image], one.Point
		if p == nil || p.X >= 0 && p.Y >= 0 && p.X <= float64(h.Columns) && p.Y <= float64(h.Rows) {
			return ""
		}
		return fmt.Sprintf("the first: (%.1f, %.1f) in an image of %d columns and %d rows", p.X, p.Y, h.Columns, h.Rows)
	})
}

// patients maps each study to its PatientID, the smallest if it has several.
// It is nil when the files tell nothing: no ids, or one for all studies, as some
// ways of taking names away leave behind.
func (h headers) patients(cases []stage.Case) map[string]string {
	out, ids := map[string]string{}, map[string]bool{}
	for _, c := range cases {
		id := h[c.Image].PatientID
		if old, known := out[c.Group]; id != "" && (!known || id < old) {
			out[c.Group] = id
		}
	}
	for _, id := range out {
		ids[id] = true
	}
	if len(ids) == 0 || len(ids) == 1 && len(out) > 1 {
		return nil
	}
	return out
}

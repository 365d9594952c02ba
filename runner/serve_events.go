package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync/atomic"
	"time"

	"vertebra/results"
)

// mostStreams is how many pages may follow at once: each asks the database once a
// second.
const mostStreams = 64

type streams struct{ open atomic.Int64 }

// runningRun is how far a running run is.
type runningRun struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Done  int    `json:"done"`
	Total int    `json:"total"`
	Unit  string `json:"unit"`
	Note  string `json:"note"`
}

// events is a stream of server-sent events (HTML standard, section 9.2): progress
// with a list of running runs, and changed when a page should be drawn again. With
// ?run=ID a page hears of that run alone.
func (s *site) events(w http.ResponseWriter, r *http.Request) {
	if s.streams.open.Add(1) > mostStreams {
		s.streams.open.Add(-1)
		http.Error(w, "too many pages follow already", http.StatusServiceUnavailable)
		return
	}
	defer s.streams.open.Add(-1)
	w.Header().Set("Content-Type", "text/event-stream")
	out := http.NewResponseController(w)
	send := func(event string, data any) error {
		text, err := json.Marshal(data) // of one line
		if err != nil {
			return err
		}
		hurry(w, s.patience)
		if _, err := fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, text); err != nil {
			return err
		}
		return out.Flush()
	}
	f := follower{site: s, run: r.URL.Query().Get("run")}
	tick := time.NewTicker(s.pause)
	defer tick.Stop()
	for {
		if err := f.look(r.Context(), send); err != nil {
			return // the reader is gone, or comes again by itself
		}
		select {
		case <-tick.C:
		case <-s.stop:
			return
		case <-r.Context().Done():
			return
		}
	}
}

// follower remembers what one page was told.
type follower struct {
	*site
	run     string
	state   string
	told    string
	changed time.Time // when it was last told to draw again
	quiet   int
}

// The least pause between two drawings of a page, and after how many looks
// without news a sign of life is sent.
const (
	redraw    = 3 * time.Second
	signAfter = 15
)

func (f *follower) look(ctx context.Context, send func(string, any) error) error {
	list, err := f.running(ctx)
	if err != nil {
		return err
	}
	if text := fmt.Sprint(list); text != f.told || f.state == "" || f.quiet >= signAfter {
		f.told, f.quiet = text, 0
		if err := send("progress", list); err != nil {
			return err
		}
	} else {
		f.quiet++
	}
	state, err := f.db.State(ctx, f.run)
	if err != nil {
		return err
	}
	now := f.now()
	switch {
	case f.state == "":
		f.state, f.changed = state, now
	case state != f.state && now.Sub(f.changed) >= min(redraw, 3*f.pause):
		f.state, f.changed = state, now
		return send("changed", f.run)
	}
	return nil
}

// running lists the runs under way with their progress.
func (f *follower) running(ctx context.Context) ([]runningRun, error) {
	runs, err := f.db.Runs(ctx, results.Filter{Status: results.Running})
	if err != nil {
		return nil, err
	}
	list := []runningRun{}
	for _, r := range runs {
		if f.run != "" && r.ID != f.run {
			continue
		}
		one := runningRun{ID: r.ID, Label: "running"}
		if p, ok := readProgress(f.folder(r.ID)); ok {
			one = runningRun{r.ID, p.Label, p.Done, p.Total, p.Unit, p.Note}
			if one.Label == "" {
				one.Label = p.Stage
			}
		}
		list = append(list, one)
	}
	return list, nil
}

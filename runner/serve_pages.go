package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"vertebra/finished/compare"
	"vertebra/reports"
	"vertebra/results"
)

// site draws the pages of runner serve from the database, each time as it is now.
type site struct {
	db     *results.DB
	places places
	now    func() time.Time
	pause  time.Duration // between two looks at what changed
	// patience is how long a reader may take for a page, or for news.
	patience time.Duration
	stop     <-chan struct{} // closed when the server stops: streams end then

	comparing sync.Mutex // one comparison at a time: it uses all cores
	streams   streams
}

func (s *site) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.page(s.index))
	mux.HandleFunc("GET /run/{id}", s.page(s.run))
	mux.HandleFunc("GET /sweep/{id}", s.page(s.sweep))
	mux.HandleFunc("GET /compare", s.page(s.compare))
	mux.HandleFunc("GET /events", s.events)
	return mux
}

// hurry gives a reader so long to take what is written next: one that never does, such as a
// laptop that sleeps, would keep it in memory for good.
func hurry(w http.ResponseWriter, patience time.Duration) {
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(patience)) // what has none, as in tests, is quick
}

// errRequest is a request that cannot be answered, as the person can mend.
type errRequest struct {
	code int
	text string
}

func (e errRequest) Error() string { return e.text }

// page answers with what draw writes, or with a plain text of what went wrong.
func (s *site) page(draw func(ctx context.Context, r *http.Request, out io.Writer) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var out strings.Builder
		err := draw(r.Context(), r, &out)
		var asked errRequest
		hurry(w, s.patience)
		switch {
		case errors.As(err, &asked):
			http.Error(w, asked.text, asked.code)
		case err != nil:
			http.Error(w, err.Error(), http.StatusInternalServerError)
		default:
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = io.WriteString(w, out.String()) // who has gone away needs no page
		}
	}
}

func (s *site) index(ctx context.Context, r *http.Request, out io.Writer) error {
	asked := r.URL.Query()
	l, err := listed{Archived: asked.Has("all"), Trials: asked.Has("trials")}.listing(ctx, s.db, func(string) bool { return true })
	if err != nil {
		return err
	}
	for i, sweep := range l.Sweeps {
		l.Sweeps[i].Link = "/sweep/" + url.PathEscape(sweep.ID)
	}
	return reports.Served.Index(out, l)
}

// sweep draws a sweep. While it runs, what takes long is left out.
func (s *site) sweep(ctx context.Context, r *http.Request, out io.Writer) error {
	record, err := s.db.LoadSweep(ctx, r.PathValue("id"))
	if err != nil {
		return errRequest{http.StatusNotFound, err.Error()}
	}
	s.comparing.Lock()
	defer s.comparing.Unlock()
	page, err := sweepPage(ctx, s.db, record, s.places.Reports, record.Status != results.SweepRunning)
	if err != nil {
		return err
	}
	return reports.Served.Sweep(out, page)
}

func (s *site) run(ctx context.Context, r *http.Request, out io.Writer) error {
	record, err := s.db.Load(ctx, r.PathValue("id"))
	if err != nil {
		return errRequest{http.StatusNotFound, err.Error()}
	}
	return reports.Served.Run(out, record)
}

// compare answers ?run=a&run=b&split=validation&metric=loss&margin=0.02, with conditions as
// runs too.
func (s *site) compare(ctx context.Context, r *http.Request, out io.Writer) error {
	c, err := comparingOf(r.URL.Query())
	if err != nil {
		return err
	}
	s.comparing.Lock()
	defer s.comparing.Unlock()
	if err := ctx.Err(); err != nil {
		return err // gone while it waited
	}
	found, err := c.Compare(ctx, s.db, r.URL.Query()["run"])
	if err != nil {
		return errRequest{http.StatusUnprocessableEntity, err.Error()}
	}
	page, err := found.Page(ctx, s.db, func(string) bool { return true })
	if err != nil {
		return err
	}
	return reports.Served.Comparison(out, page)
}

// comparingOf reads how to compare from an address.
func comparingOf(query url.Values) (compare.Options, error) {
	c := compare.Options{Split: query.Get("split"), Metric: query.Get("metric"), Resamples: 2000, Level: 0.95, Workers: 2}
	switch c.Split {
	case "", "validation", "test":
	default:
		return c, errRequest{http.StatusBadRequest, fmt.Sprintf("split=%s: want validation or test", c.Split)}
	}
	if text := query.Get("margin"); text != "" {
		var err error
		if c.Margin, err = strconv.ParseFloat(text, 64); err != nil {
			return c, errRequest{http.StatusBadRequest, fmt.Sprintf("margin=%s: want a number, such as 0.02", text)}
		}
	}
	return c, nil
}

// folder is where a run keeps its files.
func (s *site) folder(id string) string { return filepath.Join(s.places.Runs, id) }

package download

import (
	"errors"
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// TestSilent: a wall that swallows what is asked is asked once; a server that stops in the
// middle is asked for the rest.
func TestSilent(t *testing.T) {
	t.Parallel()
	data, name := content()
	s := &server{data: data, change: func(_ int64, _ http.ResponseWriter, r *http.Request) bool {
		<-r.Context().Done()
		return true
	}}
	from := source(t, s, name)
	from.Patience = 50 * time.Millisecond
	err := from.Fetch(t.Context(), filepath.Join(t.TempDir(), name), quiet)
	if mute := (silent{}); !errors.As(err, &mute) || s.asked.Load() != 1 {
		t.Errorf("asked %d times, %v; want once", s.asked.Load(), err)
	}

	s = &server{data: data, change: func(n int64, w http.ResponseWriter, r *http.Request) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("Content-Length", "300000")
		_, _ = w.Write(data[:100_000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}}
	from = source(t, s, name)
	from.Patience = 2 * time.Second
	path := filepath.Join(t.TempDir(), name)
	if err := from.Fetch(t.Context(), path, quiet); err != nil || s.asked.Load() != 2 {
		t.Errorf("asked %d times, %v; want twice", s.asked.Load(), err)
	}
	wantFile(t, path, data)
}

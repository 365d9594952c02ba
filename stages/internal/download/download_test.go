package download

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// content is a file of 300 kB, and the name it is published under.
func content() (data []byte, name string) {
	for i := range 30_000 {
		data = fmt.Appendf(data, "%010d", i)
	}
	return data, fmt.Sprintf("net-%x.pth", sha256.Sum256(data))[:12] + ".pth"
}

// server answers with data as http.ServeContent does, after what change does to the answer.
type server struct {
	data   []byte
	asked  atomic.Int64
	change func(n int64, w http.ResponseWriter, r *http.Request) (done bool)
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.change != nil && s.change(s.asked.Add(1), w, r) {
		return
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(s.data))
}

func source(t *testing.T, s *server, name string) Source {
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	return Source{Client: web.Client(), URL: web.URL + "/" + name, Pause: time.Millisecond, Patience: time.Minute}
}

func quiet(int64, int64) {}

func wantFile(t *testing.T, path string, want []byte) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes (%v), want %d", len(got), err, len(want))
	}
	if _, err := os.Stat(path + ".part"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the part is still there: %v", err)
	}
}

func TestFetch(t *testing.T) {
	t.Parallel()
	data, name := content()
	half := func(w http.ResponseWriter) { // and then nothing more
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		_, _ = w.Write(data[:len(data)/2])
	}
	changes := map[string]func(n int64, w http.ResponseWriter, r *http.Request) bool{
		"at once": nil,
		"goes on after a break": func(n int64, w http.ResponseWriter, r *http.Request) bool {
			if n == 1 {
				half(w)
			} else if want := fmt.Sprintf("bytes=%d-", len(data)/2); r.Header.Get("Range") != want {
				t.Errorf("asked for %q, want %q", r.Header.Get("Range"), want)
			}
			return n == 1
		},
		"no ranges": func(n int64, w http.ResponseWriter, r *http.Request) bool {
			r.Header.Del("Range")
			if n == 1 {
				half(w)
			}
			return n == 1
		},
		"busy": func(n int64, w http.ResponseWriter, _ *http.Request) bool {
			if n < 4 {
				http.Error(w, "later", http.StatusServiceUnavailable)
			}
			return n < 4
		},
	}
	for what, change := range changes {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "new", name)
			var last, all int64
			err := source(t, &server{data: data, change: change}, name).Fetch(t.Context(), path, func(d, a int64) { last, all = d, a })
			if err != nil {
				t.Fatal(err)
			}
			wantFile(t, path, data)
			if last != int64(len(data)) || all != last {
				t.Errorf("told of %d of %d bytes, want %d", last, all, len(data))
			}
		})
	}
}

func TestFetchAgain(t *testing.T) {
	t.Parallel()
	data, name := content()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path+".part", append(bytes.Clone(data), "too long"...), 0o644); err != nil {
		t.Fatal(err)
	}
	s := &server{data: data, change: func(int64, http.ResponseWriter, *http.Request) bool { return false }}
	from := source(t, s, name)
	for range 2 {
		if err := from.Fetch(t.Context(), path, quiet); err != nil {
			t.Fatal(err)
		}
	}
	wantFile(t, path, data)
	if n := s.asked.Load(); n != 2 { // the range that is not there, then all
		t.Errorf("asked %d times, want 2: the second Fetch has the file", n)
	}
}

func TestFetchTogether(t *testing.T) {
	t.Parallel()
	data, name := content()
	s := &server{data: data, change: func(int64, http.ResponseWriter, *http.Request) bool { time.Sleep(50 * time.Millisecond); return false }}
	from, path := source(t, s, name), filepath.Join(t.TempDir(), name)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			if err := from.Fetch(t.Context(), path, quiet); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	wantFile(t, path, data)
	if n := s.asked.Load(); n != 1 {
		t.Errorf("asked %d times, want 1", n)
	}
}

func TestFetchFails(t *testing.T) {
	t.Parallel()
	data, name := content()
	answer := func(status int) func(int64, http.ResponseWriter, *http.Request) bool {
		return func(_ int64, w http.ResponseWriter, _ *http.Request) bool { http.Error(w, "", status); return true }
	}
	for what, test := range map[string]struct {
		server *server
		asked  int64
		want   string
	}{
		"not there": {&server{change: answer(http.StatusNotFound)}, 1, "the server says 404 Not Found"},
		"never":     {&server{change: answer(http.StatusBadGateway)}, tries, "the server says 502 Bad Gateway"},
		"another":   {&server{data: data[1:], change: func(int64, http.ResponseWriter, *http.Request) bool { return false }}, 1, "is damaged, or another file"},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), name)
			err := source(t, test.server, name).Fetch(t.Context(), path, quiet)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
			if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("there is a file: %v", err)
			}
			if n := test.server.asked.Load(); n != test.asked {
				t.Errorf("asked %d times, want %d", n, test.asked)
			}
		})
	}
}

func TestFetchCancelled(t *testing.T) {
	t.Parallel()
	data, name := content()
	ctx, cancel := context.WithCancel(t.Context())
	s := &server{data: data, change: func(_ int64, w http.ResponseWriter, r *http.Request) bool {
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		_, _ = w.Write(data[:1000])
		w.(http.Flusher).Flush()
		cancel()
		<-r.Context().Done()
		return true
	}}
	path := filepath.Join(t.TempDir(), name)
	if err := source(t, s, name).Fetch(ctx, path, quiet); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	if _, err := os.Stat(path + ".part"); err != nil {
		t.Errorf("what came is lost: %v", err)
	}
}

func TestVerify(t *testing.T) {
	t.Parallel()
	data, name := content()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data[:100], 0o644); err != nil {
		t.Fatal(err)
	}
	damaged := Damaged{}
	if err := Verify(path, ""); !errors.As(err, &damaged) || damaged.Path != path {
		t.Errorf("got %v, want that it is damaged", err)
	}
	if err := Verify(filepath.Join(t.TempDir(), "plain.pth"), ""); err == nil {
		t.Error("a name without a hash was taken")
	}
}

// TestFetchByHash: a file whose name says nothing of its content is held against a hash that is given.
func TestFetchByHash(t *testing.T) {
	t.Parallel()
	data, _ := content()
	path := filepath.Join(t.TempDir(), "net.pth")
	from := source(t, &server{data: data}, "net.pth")
	from.SHA256 = fmt.Sprintf("%x", sha256.Sum256(data[1:]))
	damaged := Damaged{}
	if err := from.Fetch(t.Context(), path, quiet); !errors.As(err, &damaged) {
		t.Errorf("got %v, want that it is another file", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("there is a file: %v", err)
	}
	from.SHA256 = fmt.Sprintf("%x", sha256.Sum256(data))
	for range 2 {
		if err := from.Fetch(t.Context(), path, quiet); err != nil {
			t.Fatal(err)
		}
	}
	wantFile(t, path, data)
}

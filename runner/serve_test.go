package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vertebra/results"
	"vertebra/stages/evaluate"
	"vertebra/stages/stage"
)

// newSite is a server over two finished runs and one that runs.
func newSite(t *testing.T) (s *site, server *httptest.Server, running *results.Run) {
	t.Helper()
	dir := t.TempDir()
	db, err := results.Open(t.Context(), filepath.Join(dir, "results.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for i, name := range []string{"one", "two", "three"} {
		running = beginSample(t, db, name, i)
		if i < 2 {
			if err := running.Finish(t.Context(), results.Done, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	stop := make(chan struct{})
	s = &site{db: db, places: places{Runs: filepath.Join(dir, "runs"), Reports: filepath.Join(dir, "reports")}, now: time.Now, pause: 5 * time.Millisecond, patience: time.Minute, stop: stop}
	server = httptest.NewUnstartedServer(nil)
	server.Config.Handler = guard{hosts: allowedHosts(server.Listener.Addr().(*net.TCPAddr), nil)}.around(s.routes())
	server.Start()
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(stop) })
	return s, server, running
}

// beginSample records predictions of 20 studies; skill is how many of ten cases
// are right, less five.
func beginSample(t *testing.T, db *results.DB, name string, skill int) *results.Run {
	t.Helper()
	run, err := db.Begin(t.Context(), results.RunInfo{Name: name, Experiment: "name: " + name + "\ntrain:\n  batch: " + fmt.Sprint(skill) + "\n  monitor: validation.loss\n", Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	records := []stage.Record{stage.Fact{Name: evaluate.ClassesFact, Value: `["no","yes"]`},
		stage.Scalar{Name: "loss", Series: "validation", Epoch: 1, Value: 1}, stage.Scalar{Name: "loss", Series: "validation", Epoch: 2, Value: 0.5},
		stage.Scalar{Name: "loss", Series: "validation", Epoch: stage.Final, Value: 0.5}}
	for i := range 100 {
		p := stage.Prediction{CaseID: fmt.Sprint(i), Group: fmt.Sprint(i / 5), Split: stage.Validation, Label: i % 2, Probabilities: []float64{0.3, 0.7}}
		if (i%10 < 5+skill) != (i%2 == 1) {
			p.Probabilities = []float64{0.7, 0.3}
		}
		records = append(records, p)
	}
	if err := run.Record(t.Context(), records...); err != nil {
		t.Fatal(err)
	}
	return run
}

// A reader that takes nothing, such as a laptop that sleeps, keeps no page in memory for good.
func TestServeGivesUpOnReadersThatSleep(t *testing.T) {
	t.Parallel()
	s := &site{patience: 50 * time.Millisecond}
	over := make(chan bool)
	page := s.page(func(_ context.Context, _ *http.Request, out io.Writer) error {
		_, err := out.Write(make([]byte, 32<<20)) // more than sockets hold
		return err
	})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		page(w, r)
		close(over)
	}))
	defer server.Close()
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	select {
	case <-over:
	case <-time.After(20 * time.Second):
		t.Error("it still waits for the reader")
	}
}

// get asks with headers; Host is one of them.
func get(t *testing.T, address string, headers ...string) (code int, body string, h http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		} else {
			request.Header.Set(headers[i], headers[i+1])
		}
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(text), answer.Header
}

func TestServedPages(t *testing.T) {
	t.Parallel()
	_, server, run := newSite(t)
	for path, want := range map[string]string{
		"/":                                  `href="/run/` + run.ID() + `"`,
		"/run/two":                           `<h1>two</h1>`,
		"/run/three":                         `data-live="/events?run=` + run.ID() + `"`,
		"/compare?run=one&run=two&run=three": "fixed",
		"/compare?run=status%3Ddone&split=validation": "train.batch",
		"/compare?run=one&run=two&margin=0.02":        "margin of 0.02",
	} {
		code, body, h := get(t, server.URL+path)
		if code != 200 || !strings.Contains(body, want) || h.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Errorf("%s: %d, %s; no %q in %.300s", path, code, h.Get("Content-Type"), want, body)
		}
	}
	for path, want := range map[string]struct {
		code int
		text string
	}{
		"/run/%3Cscript%3E":                 {404, `no run "<script>"`},
		"/run/../../etc/passwd":             {404, ""},
		"/results.db":                       {404, ""},
		"/compare?run=one":                  {422, "nothing to compare"},
		"/compare?run=one&run=two&split=x":  {400, "want validation or test"},
		"/compare?run=one&run=two&margin=x": {400, "want a number, such as 0.02"},
		"/compare?run=one&run=two&metric=x": {422, `no metric gives "x"`},
	} {
		code, body, h := get(t, server.URL+path)
		if code != want.code || !strings.Contains(body, want.text) || !strings.HasPrefix(h.Get("Content-Type"), "text/plain") || h.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: %d %s: %s", path, code, h.Get("Content-Type"), body)
		}
	}
}

// TestForeignRequestsAreRefused: names that point here without being ours, and
// pages of other origins.
func TestForeignRequestsAreRefused(t *testing.T) {
	t.Parallel()
	_, server, _ := newSite(t)
	ours := strings.TrimPrefix(server.URL, "http://")
	_, port, _ := net.SplitHostPort(ours)
	for _, c := range []struct {
		want    int
		headers []string
	}{
		{200, nil},
		{200, []string{"Host", "localhost:" + port}},
		{200, []string{"Host", "LOCALHOST:" + port}},
		{200, []string{"Host", "[::1]:" + port}},
		{200, []string{"Origin", "http://" + ours}},
		{200, []string{"Sec-Fetch-Site", "same-origin"}},
		{200, []string{"Sec-Fetch-Site", "none"}},
		{200, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}}, // a link that a person follows
		{403, []string{"Host", "evil.example"}},
		{403, []string{"Host", "evil.example:" + port}},
		{403, []string{"Host", "127.0.0.1.evil.example:" + port}},
		{403, []string{"Host", "localhost"}},
		{403, []string{"Host", "localhost:1"}},
		{403, []string{"Host", "169.254.169.254:" + port}},
		{403, []string{"Origin", "http://evil.example"}},
		{403, []string{"Origin", "http://evil.example:" + port}},
		{403, []string{"Origin", "null"}},
		{403, []string{"Origin", "://"}},
		{403, []string{"Origin", "http://" + ours + ".evil.example"}},
		{403, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Dest", "image"}},
		{403, []string{"Sec-Fetch-Site", "same-site", "Sec-Fetch-Mode", "cors"}},
		{403, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "iframe"}},
	} {
		for _, path := range []string{"/", "/run/one"} {
			code, body, h := get(t, server.URL+path, c.headers...)
			if code != c.want || code != 200 && strings.Contains(body, "one") {
				t.Errorf("%s with %q: %d, want %d", path, c.headers, code, c.want)
			}
			if h.Get("X-Frame-Options") != "DENY" || h.Get("Cross-Origin-Resource-Policy") != "same-origin" || h.Get("Access-Control-Allow-Origin") != "" {
				t.Errorf("%s: headers %v", path, h)
			}
		}
	}
	for _, method := range []string{"POST", "PUT", "DELETE", "OPTIONS", "TRACE"} {
		request, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/run/one", strings.NewReader("x"))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != 405 {
			t.Errorf("%s: %d", method, answer.StatusCode)
		}
	}
}

func TestAllowedHosts(t *testing.T) {
	t.Parallel()
	every := allowedHosts(&net.TCPAddr{IP: net.IPv4zero, Port: 80}, []string{"Runs.Hospital.Example"})
	for host, want := range map[string]bool{
		"10.1.2.3": true, "10.1.2.3:80": true, "10.1.2.3:81": false, "runs.hospital.example": true, "runs.hospital.example:443": true,
		"evil.example": false, "": false, "[fe80::1]:80": true, "localhost": true,
	} {
		if got := every(host); got != want {
			t.Errorf("%q: %v, want %v", host, got, want)
		}
	}
}

// nextEvent reads a stream up to the next event of a kind.
func nextEvent(t *testing.T, lines *bufio.Scanner, kind string) string {
	t.Helper()
	for lines.Scan() {
		if lines.Text() == "event: "+kind && lines.Scan() {
			return strings.TrimPrefix(lines.Text(), "data: ")
		}
	}
	t.Fatalf("the stream ended before %s: %v", kind, lines.Err())
	return ""
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s, server, run := newSite(t)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("content type %s", got)
	}
	lines := bufio.NewScanner(answer.Body)
	if got := nextEvent(t, lines, "progress"); got != fmt.Sprintf(`[{"id":%q,"label":"running","done":0,"total":0,"unit":"","note":""}]`, run.ID()) {
		t.Errorf("got %s", got)
	}
	progress := newProgressFile(s.folder(run.ID()), time.Millisecond)
	progress.Progress(stage.Progress{Stage: "train", Label: "head, epoch 3", Done: 7, Total: 21, Unit: "steps", Note: "loss\n0.4"})
	if got := nextEvent(t, lines, "progress"); !strings.Contains(got, `"label":"head, epoch 3","done":7,"total":21,"unit":"steps","note":"loss\n0.4"`) {
		t.Errorf("got %s", got)
	}
	if err := run.Record(t.Context(), stage.Scalar{Name: "loss", Series: "validation", Epoch: 3, Value: 0.4}); err != nil {
		t.Fatal(err)
	}
	nextEvent(t, lines, "changed")
	if err := errors.Join(progress.close(), run.Finish(t.Context(), results.Done, nil)); err != nil {
		t.Fatal(err)
	}
	for nextEvent(t, lines, "progress") != "[]" { // the run's folder may go before its status
	}
	if _, err := os.Stat(filepath.Join(s.folder(run.ID()), progressName)); !os.IsNotExist(err) {
		t.Errorf("the file of progress is left: %v", err)
	}
}

// TestServeStops: the end of ctx ends streams and the server.
func TestServeStops(t *testing.T) {
	t.Parallel()
	s, _, _ := newSite(t)
	ctx, stop := context.WithCancel(t.Context())
	s.stop = ctx.Done()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error)
	go func() { ended <- serve(ctx, listener, s.routes()) }()
	answer, err := http.Get("http://" + listener.Addr().String() + "/events")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if _, err := io.ReadAll(answer.Body); err != nil {
		t.Errorf("the stream was cut: %v", err)
	}
}

func TestListenFault(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	path := filepath.Join(t.TempDir(), "r.db")
	db, err := results.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	db.Close()
	c := serveCommand{Listen: taken.Addr().String(), places: places{DB: path}}
	if err := c.Run(t.Context(), world{out: io.Discard, err: io.Discard, now: time.Now}); err == nil || !strings.Contains(err.Error(), "choose another port") {
		t.Errorf("got %v", err)
	}
}

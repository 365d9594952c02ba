package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"vertebra/finished"
	"vertebra/finished/asking"
	"vertebra/stages/stage"
	"vertebra/stages/synth"
)

// post asks a server that the script has started: post SAID STATUS OUT PATH FIELD…, where the file
// SAID is what runner try prints, and fields are as curl -F takes them. The answer goes to OUT.
func post(ts *testscript.TestScript, _ bool, args []string) {
	address := ""
	for start := time.Now(); address == ""; time.Sleep(50 * time.Millisecond) {
		said, _ := os.ReadFile(ts.MkAbs(args[0]))
		if address = regexp.MustCompile(`http://[0-9.:]+`).FindString(string(said)); time.Since(start) > time.Minute {
			ts.Fatalf("no server began: %s", said)
		}
	}
	body, kind, err := formOf(args[4:], ts.MkAbs)
	ts.Check(err)
	answer, err := http.Post(address+args[3], kind, strings.NewReader(body))
	ts.Check(err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	ts.Check(err)
	if fmt.Sprint(answer.StatusCode) != args[1] {
		ts.Fatalf("it answers %s: %s", answer.Status, text)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), text, 0o644))
}

// newTried is a server of nets that look at points of slices, and some slices of one series.
func newTried(t *testing.T) (p *tryPage, server *httptest.Server, slices []string, stop func()) {
	t.Helper()
	run, err := finished.OpenPackage("../finished/testdata/package-1.zip")
	if err != nil {
		t.Fatal(err)
	}
	env := stage.Env{Now: time.Now, Recorder: stage.Discard, Device: "cpu", Threads: 1, Workers: 1}
	asker, err := asking.Open(t.Context(), env, run)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	p = newTryPage(ctx, asker, run, env, t.TempDir())
	server = httptest.NewUnstartedServer(nil)
	server.Config.Handler = p.around(allowedHosts(server.Listener.Addr().(*net.TCPAddr), nil))
	server.Start()
	t.Cleanup(func() {
		stop()
		server.Close()
		p.close()
		if err := asker.Close(); err != nil {
			t.Error(err)
		}
		nothingIn(t, p.dir)
	})
	data := t.TempDir()
	if _, err := synth.Write(t.Context(), data, synth.Options{Seed: 3, Studies: 1, Size: 64}); err != nil {
		t.Fatal(err)
	}
	folders, err := filepath.Glob(filepath.Join(data, "train_images", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	slices, err = filepath.Glob(filepath.Join(folders[0], "*.dcm"))
	if err != nil || len(slices) < 5 {
		t.Fatal(slices, err)
	}
	return p, server, slices, stop
}

func nothingIn(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("%s is still there, %v", left, err)
	}
}

// formOf is a form of fields, of which name=@path sends a file; a path may be followed by ; and what
// the file is to be called.
func formOf(fields []string, at func(string) string) (body, kind string, err error) {
	var out strings.Builder
	form := multipart.NewWriter(&out)
	for _, field := range fields {
		name, value, _ := strings.Cut(field, "=")
		path, isFile := strings.CutPrefix(value, "@")
		if !isFile {
			err = errors.Join(err, form.WriteField(name, value))
			continue
		}
		path, called, _ := strings.Cut(path, ";")
		content, failed := os.ReadFile(at(path))
		part, failedToo := form.CreateFormFile(name, cmp.Or(called, filepath.Base(path)))
		if err = errors.Join(err, failed, failedToo); err == nil {
			_, err = part.Write(content)
		}
	}
	err = errors.Join(err, form.Close())
	return out.String(), form.FormDataContentType(), err
}

// sending is a request of such fields.
func sending(t *testing.T, address string, fields ...string) *http.Request {
	t.Helper()
	body, kind, err := formOf(fields, func(path string) string { return path })
	if err != nil {
		t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", kind)
	return r
}

// answerTo does a request, whose answer is JSON.
func answerTo(t *testing.T, r *http.Request) (code int, text string) {
	t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.Header.Get("Content-Type") != "application/json" || !json.Valid(body) {
		t.Fatalf("%d %s: %s, %v", answer.StatusCode, answer.Header.Get("Content-Type"), body, err)
	}
	return answer.StatusCode, string(body)
}

func seriesFields(slices []string) (fields []string) {
	for _, path := range slices {
		fields = append(fields, "files=@"+path+";s/"+filepath.Base(path))
	}
	return fields
}

// TestTry: what /predict says is what runner predict --json writes of the same images; the page needs
// nothing from elsewhere, and says what it is not.
func TestTry(t *testing.T) {
	t.Parallel()
	p, server, slices, _ := newTried(t)
	fields := append(seriesFields(slices), "point=s/2.dcm,20.5,31")
	code, text := answerTo(t, sending(t, server.URL+"/predict", fields...))
	if code != 200 {
		t.Fatal(code, text)
	}
	var got, want map[string]any
	table := filepath.Join(t.TempDir(), "q.csv")
	if err := os.WriteFile(table, fmt.Appendf(nil, "id,image,x,y\ns/2.dcm,%s,20.5,31\n", filepath.Join(filepath.Dir(slices[0]), "2.dcm")), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, troubles strings.Builder
	if code := execute(t.Context(), world{out: &out, err: &troubles, now: time.Now}, []string{"predict", "../finished/testdata/package-1.zip", table, "--json", "--threads", "1", "--workers", "1", "--device", "cpu", "--cache", t.TempDir()}); code != 0 {
		t.Fatal(troubles.String())
	}
	if err := errors.Join(json.Unmarshal([]byte(text), &got), json.Unmarshal([]byte(out.String()), &want)); err != nil {
		t.Fatal(err)
	}
	warnings := fmt.Sprint(got["warnings"])
	if delete(got, "warnings"); !strings.Contains(warnings, "the step decode of this program") || !strings.Contains(troubles.String(), "the step decode of this program") {
		t.Errorf("it warns of %s, predict of %s", warnings, troubles.String())
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || len(got["predictions"].([]any)) != 1 {
		t.Errorf("got %v, want %v", got, want)
	}
	nothingIn(t, p.dir)
	code, text = answerTo(t, sending(t, server.URL+"/predict", append(fields, "pictures=yes")...))
	var drawn struct {
		Pictures []drawnPicture `json:"pictures"`
	}
	if err := json.Unmarshal([]byte(text), &drawn); err != nil || code != 200 || len(drawn.Pictures) != 1 || len(drawn.Pictures[0].PNG) < 50 || drawn.Pictures[0].Point == nil || len(drawn.Pictures[0].Looks) != 1 {
		t.Errorf("%d: got %+v, %v", code, drawn, err)
	}
	code, page, h := get(t, server.URL+"/")
	if code != 200 || h.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(page, "Not a medical device") || !strings.Contains(page, "connect-src &#39;self&#39;") && !strings.Contains(page, "connect-src 'self'") {
		t.Errorf("the page: %d, %.2000s", code, page)
	}
	for _, far := range []string{"https://", "//cdn", "src=\"http", "url("} {
		if strings.Contains(page, far) {
			t.Errorf("the page has %s", far)
		}
	}
	code, about, _ := get(t, server.URL+"/about")
	for _, part := range []string{`"run":"`, `"classes":["normal_mild","moderate","severe"]`, `"point":"needed"`, `"nets":2`, `"prediction_sets":{"coverage":0.6`} {
		if code != 200 || !strings.Contains(about, part) {
			t.Errorf("/about: %d %s; no %s", code, about, part)
		}
	}
	code, text = answerTo(t, sending(t, server.URL+"/stacks", seriesFields(slices)...))
	if code != 200 || !strings.HasPrefix(text, `[{"name":"s","images":["s/`) {
		t.Errorf("/stacks: %d %s", code, text)
	}
	code, text = answerTo(t, sending(t, server.URL+"/picture", seriesFields(slices[:1])...))
	if code != 200 || !strings.Contains(text, `"to_file":[1,`) {
		t.Errorf("/picture: %d %.200s", code, text)
	}
}

// TestTryRefuses: each mistake has its status, a text and a hint, and leaves nothing on the disk.
func TestTryRefuses(t *testing.T) {
	t.Parallel()
	p, server, files, _ := newTried(t)
	p.most = 1 << 20
	large := filepath.Join(t.TempDir(), "large.dcm")
	if err := os.WriteFile(large, make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(t.TempDir(), "secret.csv")
	if err := os.WriteFile(secret, []byte("image,x,y\n"+files[0]+",1,2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	one := "files=@" + files[0]
	for name, c := range map[string]struct {
		path   string
		fields []string
		code   int
		want   string
	}{
		"too large":     {"/predict", []string{"files=@" + large}, 413, "runner try take more: --upload"},
		"no point":      {"/predict", []string{one}, 422, "none is told"},
		"no such field": {"/predict", []string{one, "points=1,2"}, 400, "no field"},
		"no image":      {"/predict", []string{"files=@" + secret, "point=1,2"}, 422, "error"},
		"of a table":    {"/predict", []string{"files=@" + secret}, 422, "none is told"},
		"no picture":    {"/picture", []string{"files=@" + secret}, 422, "secret.csv"},
		"two pictures":  {"/picture", []string{one, "files=@" + files[1]}, 400, "2 files came"},
		"no frame":      {"/picture", []string{one, "frame=7"}, 422, "frame"},
		"no stack":      {"/stacks", []string{"files=@" + secret + ";s/x.dcm"}, 422, "error"},
	} {
		code, text := answerTo(t, sending(t, server.URL+c.path, c.fields...))
		if code != c.code || !strings.Contains(text, c.want) || !strings.Contains(text, `"hint"`) || strings.Contains(text, p.dir) {
			t.Errorf("%s: got %d %s, want %d with %q", name, code, text, c.code, c.want)
		}
	}
	r := sending(t, server.URL+"/predict", one)
	r.Header.Set("Content-Type", "application/dicom")
	if code, text := answerTo(t, r); code != 415 {
		t.Errorf("no form: %d %s", code, text)
	}
	for path, want := range map[string]int{"/predict": 405, "/results.db": 404, "/../etc/passwd": 404} {
		if code, _, _ := get(t, server.URL+path); code != want {
			t.Errorf("GET %s: %d, want %d", path, code, want)
		}
	}
	nothingIn(t, p.dir)
}

// TestTryForeign: other pages in the same browser cannot ask, by whatever way they send.
func TestTryForeign(t *testing.T) {
	t.Parallel()
	_, server, files, _ := newTried(t)
	ours := strings.TrimPrefix(server.URL, "http://")
	for _, c := range []struct {
		want    int
		headers []string
	}{
		{200, nil}, {200, []string{"Origin", "http://" + ours}}, {200, []string{"Sec-Fetch-Site", "same-origin"}},
		{403, []string{"Origin", "http://evil.example"}}, {403, []string{"Origin", "null"}},
		{403, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "no-cors"}},
		{403, []string{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Sec-Fetch-Dest", "document"}}, // a form there
		{403, []string{"Host", "evil.example"}},
	} {
		r := sending(t, server.URL+"/predict", "files=@"+files[0], "point=20,30")
		for i := 0; i < len(c.headers); i += 2 {
			if r.Header.Set(c.headers[i], c.headers[i+1]); c.headers[i] == "Host" {
				r.Host = c.headers[i+1]
			}
		}
		if code, text := answerTo(t, r); code != c.want {
			t.Errorf("%v: got %d %s, want %d", c.headers, code, text, c.want)
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, server.URL+"/predict", nil)
	if err != nil {
		t.Fatal(err)
	}
	if code, text := answerTo(t, r); code != 405 {
		t.Errorf("DELETE: %d %s", code, text)
	}
}

// TestTryLetsGo: who goes away while others are answered leaves nothing, a sender who sends no more is
// given up, a mistake in the program ends one request, and the end of the server all of them.
func TestTryLetsGo(t *testing.T) {
	t.Parallel()
	p, server, files, stop := newTried(t)
	p.silence = 50 * time.Millisecond
	c, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := "POST /predict HTTP/1.1\r\nHost: " + server.Listener.Addr().String() + "\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: 9000\r\n\r\n--B\r\nContent-Disposition: form-data; name=\"files\"; filename=\"a\"\r\n\r\nx"
	if _, err := io.WriteString(c, head); err != nil {
		t.Fatal(err)
	}
	answer := make([]byte, 12)
	if _, err := io.ReadFull(c, answer); err != nil || string(answer) != "HTTP/1.1 408" {
		t.Errorf("a sender who sends no more: %q, %v", answer, err)
	}
	var troubles strings.Builder
	p.troubles = &troubles
	whole, err := p.guarded(t.Context(), nil, func(context.Context, *http.Request) (any, error) { panic("by a test") })
	if whole != nil || err == nil || statusOf(err) != 500 || !strings.Contains(troubles.String(), "runner: a mistake in runner itself: by a test") {
		t.Errorf("a panic: got %v, %v, and told %s", whole, err, troubles.String())
	}
	for range cap(p.places) {
		p.places <- struct{}{}
	}
	gone, goAway := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer goAway()
	r := sending(t, server.URL+"/predict", "files=@"+files[0], "point=20,30").WithContext(gone)
	if answer, err := http.DefaultClient.Do(r); err == nil {
		answer.Body.Close()
		t.Error("it was answered, though others are")
	}
	answered := make(chan int)
	r = sending(t, server.URL+"/predict", "files=@"+files[0], "point=20,30")
	go func() {
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			answered <- 0
			return
		}
		defer answer.Body.Close()
		answered <- answer.StatusCode
	}()
	time.Sleep(50 * time.Millisecond)
	stop()
	select {
	case code := <-answered:
		if code != 503 {
			t.Errorf("when the server stops: %d", code)
		}
	case <-time.After(20 * time.Second):
		t.Error("it is still waited for")
	}
	done := make(chan bool)
	go func() { p.close(); close(done) }()
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Error("requests are still under way")
	}
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"vertebra/finished"
	"vertebra/finished/asking"
	"vertebra/finished/form"
	"vertebra/stages/stage"
)

// tryPage answers the requests of runner try.
type tryPage struct {
	asker *asking.Asker
	run   finished.Run
	env   stage.Env
	dir   string          // of a folder for each request
	most  int64           // bytes that a request may send; 0 for any
	stop  context.Context // ends when the server does: requests end then
	// places are for requests that are read or answered: others wait, and hold nothing on the disk.
	places  chan struct{}
	drawing chan struct{} // one request at a time decodes images to be shown: they may be large
	// patience is how long a reader may take for an answer, silence how long a sender may send nothing.
	patience, silence time.Duration
	active            sync.WaitGroup
	troubles          io.Writer // takes what is wrong with the program
}

// mostTried is how many requests are read at once. One of them is asked about.
const mostTried = 4

func (t *tryPage) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", t.page)
	mux.HandleFunc("GET /about", t.answering(t.about))
	mux.HandleFunc("POST /predict", t.answering(t.predict))
	mux.HandleFunc("POST /stacks", t.answering(t.stacks))
	mux.HandleFunc("POST /picture", t.answering(t.picture))
	mux.HandleFunc("/", t.nothing)
	return mux
}

// close waits for requests under way, which the end of the server has stopped.
func (t *tryPage) close() { t.active.Wait() }

func (t *tryPage) nothing(w http.ResponseWriter, r *http.Request) {
	known := map[string]string{"/": "GET", "/about": "GET", "/predict": "POST", "/stacks": "POST", "/picture": "POST"}
	if method := known[r.URL.Path]; method != "" {
		w.Header().Set("Allow", method)
		refuse(w, form.Refuse(http.StatusMethodNotAllowed, fmt.Errorf("%s takes %s, not %s", r.URL.Path, method, r.Method)))
		return
	}
	refuse(w, form.Refuse(http.StatusNotFound, stage.Fault{Err: fmt.Errorf("there is no %s", shortenedPath(r.URL.Path)), Hint: "GET / is a page, GET /about says what the nets want, POST /predict asks them"}))
}

func shortenedPath(path string) string { return path[:min(len(path), 80)] }

// answering makes of f an answer in JSON, or a refusal. Nothing that comes of a request reaches
// another one: not a panic, and not what it left on the disk.
func (t *tryPage) answering(f func(ctx context.Context, r *http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		t.active.Add(1)
		defer t.active.Done()
		ctx, cancel := context.WithCancelCause(r.Context())
		defer cancel(nil)
		control := http.NewResponseController(w)
		defer context.AfterFunc(t.stop, func() {
			cancel(errStopping)
			_ = control.SetReadDeadline(time.Now()) // of a sender who is waited for
		})()
		if r.Body != nil && r.Method == http.MethodPost {
			if t.most > 0 {
				r.Body = http.MaxBytesReader(w, r.Body, t.most)
			}
			r.Body = &patient{r.Body, control, t.silence, ctx}
		}
		var out strings.Builder
		whole, err := t.guarded(ctx, r, f)
		if err == nil {
			err = writeAny(&out, whole)
		}
		hurry(w, t.patience)
		if err != nil {
			leave(w, control, statusOf(err))
			refuse(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, out.String()) // who has gone away needs no answer
	}
}

// guarded has a mistake in the program end one request alone.
func (t *tryPage) guarded(ctx context.Context, r *http.Request, f func(context.Context, *http.Request) (any, error)) (whole any, err error) {
	defer func() {
		if p := recover(); p != nil {
			fmt.Fprintf(t.troubles, "runner: a mistake in runner itself: %v\nPlease report it with these lines:\n%s", p, debug.Stack())
			err = fmt.Errorf("a mistake in runner itself: %v", p)
		}
	}()
	whole, err = f(ctx, r)
	if refused := (form.Refused{}); err != nil && ctx.Err() != nil && !errors.As(err, &refused) {
		err = context.Cause(ctx)
	}
	return whole, err
}

func writeAny(out io.Writer, whole any) error {
	if object, is := whole.(map[string]any); is {
		return writeJSON(out, object)
	}
	return json.NewEncoder(out).Encode(whole)
}

// question is what a request sends, as nets are asked.
type question struct {
	form.Sent
	asked asking.Question
}

func newQuestion(s form.Sent, dir string) question {
	return question{s, asking.Question{Dir: dir, Files: s.Files, Points: s.Points, Place: s.Place, Covariates: s.Covariates, Views: s.Views}}
}

// received reads the files of a request into a folder of its own, and calls f.
func (t *tryPage) received(ctx context.Context, r *http.Request, f func(asked question, cache string) (any, error)) (_ any, err error) {
	select {
	case t.places <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-t.places }()
	dir, err := os.MkdirTemp(t.dir, "request-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	files, cache := filepath.Join(dir, "files"), filepath.Join(dir, "cache")
	if err := errors.Join(os.Mkdir(files, 0o700), os.Mkdir(cache, 0o700)); err != nil {
		return nil, err
	}
	read, err := form.Read(r, files)
	if err != nil {
		return nil, err
	}
	return f(newQuestion(read, files), cache)
}

// predict answers POST /predict.
func (t *tryPage) predict(ctx context.Context, r *http.Request) (any, error) {
	return t.received(ctx, r, func(asked question, cache string) (any, error) {
		answer, err := t.asker.Ask(ctx, t.env, asked.asked, cache, asked.Pictures)
		if err != nil {
			if len(answer.Warnings) > 0 && statusOf(err) == http.StatusUnprocessableEntity {
				err = stage.Fault{Err: stage.WithoutHint(err), Hint: strings.Join(answer.Warnings, "; ")}
			}
			return nil, err
		}
		whole := tables{answer.Predictor}.whole(answer.Items)
		if len(answer.Warnings) > 0 {
			whole["warnings"] = answer.Warnings
		}
		if asked.Pictures {
			whole["pictures"] = picturesOf(answer)
		}
		return whole, nil
	})
}

// stacks answers POST /stacks.
func (t *tryPage) stacks(ctx context.Context, r *http.Request) (any, error) {
	return t.received(ctx, r, func(asked question, cache string) (any, error) {
		release, err := t.draw(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
		return t.asker.Stacks(ctx, t.env, asked.asked, cache)
	})
}

// picture answers POST /picture.
func (t *tryPage) picture(ctx context.Context, r *http.Request) (any, error) {
	return t.received(ctx, r, func(asked question, _ string) (any, error) {
		if len(asked.Files) != 1 {
			return nil, form.Refuse(http.StatusBadRequest, stage.Fault{Err: fmt.Errorf("%d files came", len(asked.Files)), Hint: "send the one that is to be shown"})
		}
		release, err := t.draw(ctx)
		if err != nil {
			return nil, err
		}
		defer release()
		image := asked.Files[0]
		if asked.Frame > 0 {
			image = stage.FramePath(image, asked.Frame)
		}
		return t.asker.Show(asked.asked.Dir, image)
	})
}

// draw waits until nobody else draws.
func (t *tryPage) draw(ctx context.Context) (release func(), err error) {
	select {
	case t.drawing <- struct{}{}:
		return func() { <-t.drawing }, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

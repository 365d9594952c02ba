package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"vertebra/finished/form"
)

// leave has a refusal not wait for the rest of what is sent, which Go's server reads before it answers:
// for a moment, since a browser that is cut off while it sends sees no answer, and not at all of
// senders who send too much, or nothing.
func leave(w http.ResponseWriter, control *http.ResponseController, code int) {
	const moment = 5 * time.Second
	switch code {
	case http.StatusRequestTimeout, http.StatusRequestEntityTooLarge, http.StatusServiceUnavailable:
		w.Header().Set("Connection", "close")
	default:
		_ = control.SetReadDeadline(time.Now().Add(moment))
	}
}

// errStopping is why requests end that are under way when the server stops.
var errStopping = form.Refuse(http.StatusServiceUnavailable, errors.New("the server is stopping"))

// patient gives up on senders who send nothing.
type patient struct {
	body    io.ReadCloser
	control *http.ResponseController
	silence time.Duration
	ctx     context.Context
}

// Read waits no longer than silence.
func (p *patient) Read(to []byte) (int, error) {
	if p.ctx.Err() != nil {
		return 0, context.Cause(p.ctx)
	}
	_ = p.control.SetReadDeadline(time.Now().Add(p.silence)) // what has none, as in tests, is quick
	n, err := p.body.Read(to)
	if errors.Is(err, io.EOF) {
		_ = p.control.SetReadDeadline(time.Time{}) // the connection is watched from now on, for as long as it takes
	}
	if errors.Is(err, os.ErrDeadlineExceeded) { // by which Go's server ends the context, too
		if errors.Is(context.Cause(p.ctx), errStopping) {
			return n, errStopping
		}
		err = form.Refuse(http.StatusRequestTimeout, fmt.Errorf("nothing came for %s", p.silence))
	}
	return n, err
}

// Close closes the body.
func (p *patient) Close() error { return p.body.Close() }

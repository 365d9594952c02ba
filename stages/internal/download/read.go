package download

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"
)

// refusal is an answer that asking again does not change.
type refusal struct{ url, status string }

func (r refusal) Error() string { return fmt.Sprintf("%s: the server says %s", r.url, r.status) }

// silent is a server that sends nothing, or nothing more after it has begun.
type silent struct {
	time  time.Duration
	begun bool
}

func (s silent) Error() string { return fmt.Sprintf("the server has sent nothing for %v", s.time) }

// read asks once for what is missing of the file and appends what comes.
func (s Source) read(ctx context.Context, part *os.File, tell func(done, all int64)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	mute := time.AfterFunc(s.Patience, func() { cancel(silent{s.Patience, false}) })
	answer, done, err := s.ask(ctx, part)
	mute.Stop()
	if err != nil {
		return because(ctx, err)
	}
	defer answer.Body.Close()
	silence := time.AfterFunc(s.Patience, func() { cancel(silent{s.Patience, true}) })
	defer silence.Stop()
	all := int64(0)
	if answer.ContentLength >= 0 {
		all = done + answer.ContentLength
	}
	tell(done, all)
	_, err = io.Copy(part, watched{answer.Body, func(n int) {
		silence.Reset(s.Patience)
		done += int64(n)
		tell(done, all)
	}})
	if err == nil && done < all {
		err = io.ErrUnexpectedEOF
	}
	return because(ctx, err)
}

// ask asks for the file from where the part ends. done is where the answer begins: at 0
// from servers that know no ranges.
func (s Source) ask(ctx context.Context, part *os.File) (answer *http.Response, done int64, err error) {
	if done, err = part.Seek(0, io.SeekEnd); err != nil {
		return nil, 0, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return nil, 0, err
	}
	if done > 0 {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", done))
	}
	if answer, err = s.Client.Do(request); err != nil {
		return nil, 0, err
	}
	switch answer.StatusCode {
	case http.StatusPartialContent:
		return answer, done, nil
	case http.StatusOK:
		return answer, 0, restart(part)
	case http.StatusRequestedRangeNotSatisfiable: // nothing is missing, or the file is another now
		answer.Body.Close()
		return nil, 0, errors.Join(restart(part), errors.New("what an earlier try left does not fit"))
	}
	answer.Body.Close()
	if answer.StatusCode >= 500 || answer.StatusCode == http.StatusTooManyRequests {
		return nil, 0, fmt.Errorf("%s: the server says %s", s.URL, answer.Status)
	}
	return nil, 0, refusal{s.URL, answer.Status}
}

func restart(part *os.File) error {
	if err := part.Truncate(0); err != nil {
		return err
	}
	_, err := part.Seek(0, io.SeekStart)
	return err
}

// because puts in place of "context canceled" why it was.
func because(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); err != nil && cause != nil {
		return cause
	}
	return err
}

// watched tells of every piece that is read.
type watched struct {
	io.Reader
	came func(n int)
}

func (w watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	if n > 0 {
		w.came(n)
	}
	return n, err
}

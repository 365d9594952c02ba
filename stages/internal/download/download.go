// Package download gets published files whose SHA-256 is known, or whose names hold the beginning
// of it, name-0123abcd.ext, as those of torch.hub do. A file lies in its place whole and
// with the right content, or not at all; several processes get it once, and what a broken
// connection left is gone on with.
package download

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const tries = 4

// Source is where a file is published.
type Source struct {
	Client *http.Client
	URL    string
	// SHA256 is that of the file; "" where its name holds the beginning.
	SHA256 string
	// Pause is what the first try is followed by, when it fails; later ones by twice as
	// much each time.
	Pause time.Duration
	// Patience is how long a connection gets for its first answer and for each further piece.
	Patience time.Duration
}

// Fetch gets the file to path, unless it is there, and verifies it. tell hears how many
// bytes there are, of how many: 0 when the server does not say.
func (s Source) Fetch(ctx context.Context, path string, tell func(done, all int64)) error {
	if err := Verify(path, s.SHA256); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	part, err := s.lock(ctx, path)
	if part == nil || err != nil {
		return err
	}
	err = s.fill(ctx, part, tell)
	if err == nil {
		err = s.publish(part, path)
	}
	return errors.Join(err, part.Close())
}

// lock opens the file that path grows in, which one process at a time may write. nil
// without an error: another one has put the whole file in its place meanwhile.
func (s Source) lock(ctx context.Context, path string) (*os.File, error) {
	name := path + ".part"
	for {
		f, err := tryLock(name)
		if err != nil {
			return nil, err
		}
		if _, err := os.Stat(path); err == nil {
			return nil, errors.Join(discard(f), Verify(path, s.SHA256))
		}
		if f != nil {
			return f, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// tryLock gives nil while another process has the file.
func tryLock(name string) (*os.File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if err == nil && isAt(f, name) {
		return f, nil
	}
	f.Close()
	if err != nil && !errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return nil, nil
}

func discard(f *os.File) error {
	if f == nil {
		return nil
	}
	return errors.Join(os.Remove(f.Name()), f.Close())
}

// isAt says whether a file has not been renamed since it was opened.
func isAt(f *os.File, name string) bool {
	opened, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(name)
	return err == nil && os.SameFile(opened, there)
}

// fill reads until the file is whole. Each try goes on where the last one ended.
func (s Source) fill(ctx context.Context, part *os.File, tell func(done, all int64)) error {
	pause := s.Pause
	for try := 1; ; try++ {
		err := s.read(ctx, part, tell)
		if err == nil || try == tries || ctx.Err() != nil || final(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
		pause *= 2
	}
}

// final says that another try would not help: the server refuses, or there is no network, or
// a wall before it that swallows what is asked.
func final(err error) bool {
	refused, dial, mute := refusal{}, &net.OpError{}, silent{}
	return errors.As(err, &refused) || errors.As(err, &dial) && dial.Op == "dial" || errors.As(err, &mute) && !mute.begun
}

// publish gives a whole file its name.
func (s Source) publish(part *os.File, path string) error {
	if err := part.Sync(); err != nil {
		return err
	}
	if err := verify(part.Name(), path, s.SHA256); err != nil {
		return errors.Join(err, os.Remove(part.Name()))
	}
	return os.Rename(part.Name(), path)
}

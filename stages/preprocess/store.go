package preprocess

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"vertebra/stages/stage"
)

// A file of images is a head of one page, one slot of pixels for each case, and
// the contents as JSON. The head is the magic, then where the contents begin, how
// long they are and their SHA-256. A slot holds unsigned 16-bit little-endian
// numbers, row by row; that of a dropped case stays a hole.
const (
	magic    = "VTBRIMG2"
	headSize = 4096
	full     = 65535 // the number that stands for 1
)

// contents is what a file of images says of itself.
type contents struct {
	Key      string
	Shape    Shape
	Slots    int     // cases there were
	Images   []entry // those kept, in the order of the cases
	Failed   []Remark
	Warnings []Remark
}

// entry is one image: its slot, and the sums of its pixels and of their squares,
// so that statistics need no second look at the pixels.
type entry struct {
	ID           string
	Slot         int
	Sum, Squares uint64
}

func (s Shape) bytes() int { return s.Channels * s.Height * s.Width * 2 }

func cachePath(cache, key string) string { return filepath.Join(cache, "images-"+key+".bin") }

const partial = ".partial"

// store is a file of images while it is made. Its lock makes other processes
// that want the same images wait.
type store struct {
	file  *os.File
	path  string // of the unfinished file
	final string // the path that the finished file gets
	key   string
	shape Shape
}

func newStore(ctx context.Context, env stage.Env, key string, shape Shape) (*store, error) {
	sweepOrphans(env.Cache)
	s := &store{final: cachePath(env.Cache, key), key: key, shape: shape}
	s.path = s.final + partial
	for {
		f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o644)
		if err != nil {
			return nil, fmt.Errorf("cache of images: %w", err)
		}
		err = waitLock(ctx, env, f)
		if errors.Is(err, errNoLocks) {
			f.Close()
			return s, s.alone(env.Cache)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if isAt(f, s.path) {
			s.file = f
			return s, f.Truncate(0)
		}
		f.Close() // the one who had the lock published or removed this file
	}
}

// alone takes a file of its own where there are no locks: two runs then may do
// the same work, but never into one file.
func (s *store) alone(cache string) (err error) {
	if s.file, err = os.CreateTemp(cache, "images-"+s.key+"-*"+partial); err != nil {
		return fmt.Errorf("cache of images: %w", err)
	}
	s.path = s.file.Name()
	return s.file.Chmod(0o644)
}

// errNoLocks is the answer of some network file systems.
var errNoLocks = errors.New("the file system has no locks")

// waitLock takes the file's lock, however long another process has it.
func waitLock(ctx context.Context, env stage.Env, f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case err == nil:
			return nil
		case !errors.Is(err, unix.EWOULDBLOCK) && !errors.Is(err, unix.EINTR):
			return errNoLocks
		}
		env.Recorder.Progress(stage.Progress{Stage: "preprocess", Label: "waiting for another run that makes the same images"})
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(200 * time.Millisecond):
		}
	}
}

// isAt says whether an open file still is the one at a path.
func isAt(f *os.File, path string) bool {
	open, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(open, there)
}

// sweepOrphans removes what killed runs left behind: unfinished files that
// nobody has locked.
func sweepOrphans(cache string) {
	paths, _ := filepath.Glob(filepath.Join(cache, "images-*"+partial))
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			continue
		}
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil && isAt(f, path) {
			os.Remove(path) // one that stays costs disk space only
		}
		f.Close()
	}
}

// write fills a slot; it may be called from several goroutines.
func (s *store) write(slot int, data []byte) error {
	if _, err := s.file.WriteAt(data, headSize+int64(slot)*int64(s.shape.bytes())); err != nil {
		return stage.Fault{Err: fmt.Errorf("writing the cache of images: %w", err), Hint: "look at the free space of the cache folder"}
	}
	return nil
}

// publish writes contents and head, and gives the file its final name.
func (s *store) publish(head contents) error {
	head.Key, head.Shape = s.key, s.shape
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	at := headSize + int64(head.Slots)*int64(s.shape.bytes())
	_, err = s.file.WriteAt(text, at)
	if err == nil {
		_, err = s.file.WriteAt(headPage(text, at), 0)
	}
	if err == nil {
		err = s.file.Sync()
	}
	if err == nil {
		err = os.Rename(s.path, s.final)
	}
	if err != nil {
		return fmt.Errorf("writing the cache of images: %w", err)
	}
	return nil
}

// headPage is what a file begins with whose contents lie at a place.
func headPage(contents []byte, at int64) []byte {
	sum := sha256.Sum256(contents)
	page := binary.LittleEndian.AppendUint64([]byte(magic), uint64(at))
	page = binary.LittleEndian.AppendUint64(page, uint64(len(contents)))
	return append(page, sum[:]...)
}

// discard ends the work: the lock goes, and an unfinished file with it.
func (s *store) discard() {
	if isAt(s.file, s.path) {
		os.Remove(s.path)
	}
	s.file.Close()
}

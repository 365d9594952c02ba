package preprocess

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"vertebra/stages/stage"
)

// A file of images is a head of one page, one slot of pixels for each case, a
// table of one row for each slot, and the contents as JSON. The head is the
// magic, then where the contents begin, how long they are and their SHA-256. A
// slot holds unsigned little-endian numbers of one or two bytes, channel by
// channel, row by row; that of a dropped case stays a hole. A row of the table is
// written after its slot, so a run that goes on after kill -9 knows what is done.
const (
	magic    = "VTBRIMG4"
	headSize = 4096
	rowSize  = 64
)

// contents is what a file of images says of itself.
type contents struct {
	Key           string
	Shape         Shape
	BytesPerPixel int
	Steps         []string
	Slots         int     // cases there were
	Images        []entry // those kept, in the order of the cases
	Failed        []Remark
	Warnings      []Remark
}

// entry is one image and its slot.
type entry struct {
	ID   string
	Slot int
}

// Remark says something of a case or a series: why its image could not be used,
// or a warning.
type Remark struct{ ID, Reason string }

// row is what the table says of a slot: whose result it holds, and the sums of
// its numbers and of their squares, so that statistics need no second look.
type row struct {
	Key          key
	Sum, Squares uint64
	Check        uint32 // CRC-32C of the slot
	Warned       uint32 // 1: making it again gives warnings, which the table does not hold
}

func (r row) bytes() []byte {
	out := append(make([]byte, 0, rowSize), r.Key[:]...)
	out = binary.LittleEndian.AppendUint64(out, r.Sum)
	out = binary.LittleEndian.AppendUint64(out, r.Squares)
	out = binary.LittleEndian.AppendUint32(out, r.Check)
	out = binary.LittleEndian.AppendUint32(out, r.Warned)
	out = append(out, make([]byte, rowSize-len(out)-4)...)
	return binary.LittleEndian.AppendUint32(out, crc32.Checksum(out, castagnoli))
}

// parseRow reads a row; false when it was not written whole.
func parseRow(data []byte) (r row, ok bool) {
	if len(data) != rowSize || crc32.Checksum(data[:rowSize-4], castagnoli) != binary.LittleEndian.Uint32(data[rowSize-4:]) {
		return r, false
	}
	n := copy(r.Key[:], data)
	r.Sum, r.Squares = binary.LittleEndian.Uint64(data[n:]), binary.LittleEndian.Uint64(data[n+8:])
	r.Check, r.Warned = binary.LittleEndian.Uint32(data[n+16:]), binary.LittleEndian.Uint32(data[n+20:])
	return r, r.Key != key{}
}

// castagnoli is the CRC that processors compute themselves.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func cachePath(cache, key string) string { return filepath.Join(cache, "images-"+key+".bin") }

const partial = ".partial"

// store is a file of images while it is made. Its lock makes other processes
// that want the same images wait.
type store struct {
	file     *os.File
	cache    string
	path     string // of the unfinished file
	key      string // once published
	layout   Layout
	slots    int
	finished atomic.Bool
	alone    bool          // nobody can go on with this file
	behind   atomic.Int64  // bytes that were written since the disk was last told of some
	wake     chan struct{} // tells startWriting of more
}

// newStore opens what an interrupted run left of a request, or begins anew.
func newStore(ctx context.Context, env stage.Env, request string, layout Layout, slots int) (*store, error) {
	s := &store{cache: env.Cache, layout: layout, slots: slots, wake: make(chan struct{}, 1)}
	s.path = filepath.Join(env.Cache, "images-"+request+partial)
	for {
		f, err := os.OpenFile(s.path, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, fmt.Errorf("cache of images: %w", err)
		}
		err = waitLock(ctx, env, f)
		if errors.Is(err, errNoLocks) {
			f.Close()
			return s, s.ownFile(request)
		}
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		if isAt(f, s.path) {
			s.file = f
			return s, s.size()
		}
		f.Close() // the one who had the lock published or removed this file
	}
}

// request names the file, and the packs that are filled beside it.
func (s *store) request() string {
	return strings.TrimSuffix(strings.TrimPrefix(filepath.Base(s.path), "images-"), partial)
}

// size gives the file room for slots and table; holes take no space.
func (s *store) size() error {
	if err := s.file.Truncate(s.rowAt(s.slots)); err != nil {
		return fmt.Errorf("cache of images: %w", err)
	}
	return nil
}

// ownFile takes a file of its own where there are no locks: two runs then may do
// the same work, but never into one file.
func (s *store) ownFile(request string) (err error) {
	if s.file, err = stage.CreateTemp(s.cache, "images-"+request+"-*"+partial); err != nil {
		return fmt.Errorf("cache of images: %w", err)
	}
	s.path, s.alone = s.file.Name(), true
	return s.size()
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

func (s *store) slotAt(slot int) int64 { return headSize + int64(slot)*int64(s.layout.bytes()) }

func (s *store) rowAt(slot int) int64 { return s.slotAt(s.slots) + int64(slot)*rowSize }

// row reads the table's row of a slot, if it is of a key and needs no making again.
func (s *store) row(slot int, k key) (row, bool) {
	line := make([]byte, rowSize)
	if _, err := s.file.ReadAt(line, s.rowAt(slot)); err != nil {
		return row{}, false
	}
	r, ok := parseRow(line)
	return r, ok && r.Key == k && r.Warned == 0
}

// holds says whether a slot claims to hold the result of a key.
func (s *store) holds(slot int, k key) bool {
	_, ok := s.row(slot, k)
	return ok
}

// has gives the row of a slot that does hold the result of a key, from an
// interrupted run.
func (s *store) has(slot int, k key) (row, bool) {
	r, ok := s.row(slot, k)
	if !ok {
		return row{}, false
	}
	data := make([]byte, s.layout.bytes())
	if _, err := s.file.ReadAt(data, s.slotAt(slot)); err != nil {
		return row{}, false
	}
	return r, crc32.Checksum(data, castagnoli) == r.Check
}

// write fills slots, then their rows, of neighbours at once; it may be called from
// several goroutines. It sorts what it is given, and sets each row's Check.
func (s *store) write(images []made) error {
	slices.SortFunc(images, func(a, b made) int { return a.slot - b.slot })
	for from, to := 0, 1; to <= len(images); to++ {
		if to < len(images) && images[to].slot == images[to-1].slot+1 {
			continue
		}
		if err := s.neighbours(images[from:to]); err != nil {
			return stage.Fault{Err: fmt.Errorf("writing the cache of images: %w", err), Hint: "look at the free space of the cache folder; runner cache clear makes room"}
		}
		from = to
	}
	return nil
}

// neighbours writes images whose slots lie side by side.
func (s *store) neighbours(images []made) error {
	parts, rows, size := make([][]byte, len(images)), []byte{}, 0
	for i := range images {
		m := &images[i]
		m.row.Check = crc32.Checksum(m.data, castagnoli)
		parts[i], rows, size = m.data, append(rows, m.row.bytes()...), size+len(m.data)
	}
	if err := writeParts(s.file, parts, s.slotAt(images[0].slot)); err != nil {
		return err
	}
	if s.behind.Add(int64(size)) >= writeAhead {
		s.behind.Store(0)
		select {
		case s.wake <- struct{}{}:
		default: // it knows
		}
	}
	_, err := s.file.WriteAt(rows, s.rowAt(images[0].slot))
	return err
}

// writeAhead is how many bytes may lie in memory before the disk gets them.
const writeAhead = 8 << 20

// startWriting has the disk write images while others are made, so that publish has
// not all of them to wait for. The function it gives ends that.
func (s *store) startWriting() (stop func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range s.wake {
			startWriteback(s.file, s.rowAt(0))
		}
	}()
	return func() {
		close(s.wake)
		<-done
	}
}

// erase empties a slot that an earlier, interrupted run filled with something
// else.
func (s *store) erase(slot int) error {
	line := make([]byte, rowSize)
	if _, err := s.file.ReadAt(line, s.rowAt(slot)); err != nil || [rowSize]byte(line) == [rowSize]byte{} {
		return err
	}
	_, err := s.file.WriteAt(make([]byte, rowSize), s.rowAt(slot))
	if err == nil {
		_, err = s.file.WriteAt(make([]byte, s.layout.bytes()), s.slotAt(slot))
	}
	return err
}

// publish writes contents and head, and gives the file its final name.
func (s *store) publish(head contents, key string) error {
	head.Key, head.Shape, head.BytesPerPixel, s.key = key, s.layout.Shape, s.layout.BytesPerPixel, key
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	at := s.rowAt(s.slots)
	err = s.file.Truncate(at)
	if err == nil {
		_, err = s.file.WriteAt(text, at)
	}
	if err == nil {
		_, err = s.file.WriteAt(headPage(text, at), 0)
	}
	if err == nil {
		err = s.file.Sync()
	}
	if err == nil {
		err = os.Rename(s.path, cachePath(s.cache, key))
	}
	if err != nil {
		return fmt.Errorf("writing the cache of images: %w", err)
	}
	s.finished.Store(true)
	return nil
}

// headPage is what a file begins with whose contents lie at a place.
func headPage(contents []byte, at int64) []byte {
	sum := sha256.Sum256(contents)
	page := binary.LittleEndian.AppendUint64([]byte(magic), uint64(at))
	page = binary.LittleEndian.AppendUint64(page, uint64(len(contents)))
	return append(page, sum[:]...)
}

// remove takes an unfinished file away.
func (s *store) remove() error {
	if s.finished.Load() || !isAt(s.file, s.path) {
		return nil
	}
	return os.Remove(s.path)
}

// close gives the lock back. An unfinished file stays, for the next run to go on.
func (s *store) close() {
	if s.alone {
		s.remove()
	}
	s.file.Close()
}

package audit

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"vertebra/stages/stage"
)

// fileCache remembers something of files in one file of the cache folder. The
// file is replaced as a whole, so a reader sees an old or a new one; writers take
// turns and keep what others added.
type fileCache struct {
	path  string // "" remembers nothing
	magic string
	known map[string][]byte
}

var cacheSums = crc64.MakeTable(crc64.ECMA)

// openCache reads a cache file; one that is missing or broken is as good as
// empty. magic begins it: a name and a version of what the records hold.
func openCache(folder, name, magic string) *fileCache {
	c := &fileCache{magic: magic}
	if folder != "" {
		c.path = filepath.Join(folder, name)
		c.known = c.load()
	}
	return c
}

func (c *fileCache) load() map[string][]byte {
	data, err := os.ReadFile(c.path)
	if err != nil {
		return nil
	}
	known, err := parseCache(data, c.magic)
	if err != nil {
		return nil
	}
	return known
}

// usualRecord is about what a record takes with its path, in bytes.
const usualRecord = 200

// parseCache splits the file into records by path; the records are read when
// they are needed.
func parseCache(data []byte, magic string) (map[string][]byte, error) {
	n := len(data) - 8
	if n < len(magic) || string(data[:len(magic)]) != magic {
		return nil, errors.New("not such a cache")
	}
	if crc64.Checksum(data[:n], cacheSums) != binary.LittleEndian.Uint64(data[n:]) {
		return nil, errors.New("the cache is broken")
	}
	r := reader{data: data[len(magic):n]}
	known := make(map[string][]byte, n/usualRecord)
	for len(r.data) > 0 && !r.broken {
		path := r.text()
		known[path] = r.bytes()
	}
	if r.broken {
		return nil, errors.New("the cache is broken")
	}
	return known, nil
}

// stamp tells two states of a file apart.
func stamp(info fs.FileInfo) []byte { return stampOf(info.Size(), info.ModTime()) }

func stampOf(size int64, modified time.Time) []byte {
	return binary.AppendVarint(binary.AppendVarint(nil, size), modified.UnixNano())
}

// record gives what is known of a file in its present state; nil when nothing is.
func (c *fileCache) record(path string, info fs.FileInfo) []byte {
	return c.state(absolute(path), info.Size(), info.ModTime().UnixNano())
}

// state is record of a file with an absolute name, its size, and its time of
// modification in ns since 1970.
func (c *fileCache) state(name string, size, modified int64) []byte {
	r := reader{data: c.known[name]}
	if r.whole() != size || r.whole() != modified || r.broken {
		return nil
	}
	return r.data
}

func absolute(path string) string {
	if name, err := filepath.Abs(path); err == nil {
		return name
	}
	return path
}

// news are records to add, with their stamps: record i is of the file with name i,
// which is absolute. Each is made when it is written, since together they would be as
// large as the file.
type news struct {
	names  []string
	record func(i int) []byte
}

// add puts new records beside what the file holds by now, under a lock.
func (c *fileCache) add(fresh news) error {
	if c.path == "" || len(fresh.names) == 0 {
		return nil
	}
	if err := c.merge(fresh); err != nil {
		return fmt.Errorf("cache %s: %w", c.path, err)
	}
	return nil
}

func (c *fileCache) merge(fresh news) (err error) {
	if err := os.MkdirAll(filepath.Dir(c.path), 0o777); err != nil {
		return err
	}
	lock, err := os.OpenFile(c.path+".lock", os.O_CREATE|os.O_RDWR, 0o666)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Close()) }() // which unlocks
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return err
	}
	old := c.load()
	for _, name := range fresh.names {
		delete(old, name)
	}
	return replaceFile(c.path, func(w io.Writer) error { return writeCache(w, c.magic, old, fresh) })
}

// writeCache writes a cache file of old and new records, by path: what is read together
// lies together.
func writeCache(to io.Writer, magic string, old map[string][]byte, fresh news) error {
	sum := crc64.New(cacheSums)
	w := bufio.NewWriterSize(io.MultiWriter(to, sum), 1<<16)
	_, err := w.WriteString(magic)
	put := func(name string, record []byte) {
		if err == nil {
			line := appendText(w.AvailableBuffer(), name)
			_, err = w.Write(append(binary.AppendUvarint(line, uint64(len(record))), record...))
		}
	}
	at := make(map[string]int, len(fresh.names))
	for i, name := range fresh.names {
		at[name] = i
	}
	names := slices.AppendSeq(slices.Collect(maps.Keys(at)), maps.Keys(old))
	slices.Sort(names)
	for _, name := range slices.Compact(names) {
		if i, ok := at[name]; ok {
			put(name, fresh.record(i))
		} else {
			put(name, old[name])
		}
	}
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		_, err = to.Write(binary.LittleEndian.AppendUint64(nil, sum.Sum64()))
	}
	return err
}

// replaceFile writes beside the file and renames.
func replaceFile(path string, write func(w io.Writer) error) error {
	tmp, err := stage.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	err = errors.Join(write(tmp), tmp.Close())
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}

func appendText(to []byte, text string) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

func appendNumbers(to []byte, numbers []float64) []byte {
	to = binary.AppendUvarint(to, uint64(len(numbers)))
	for _, v := range numbers {
		to = binary.LittleEndian.AppendUint64(to, math.Float64bits(v))
	}
	return to
}

// reader takes values off the front; after a broken one all are empty.
type reader struct {
	data   []byte
	broken bool
}

func (r *reader) whole() int64 {
	v, n := binary.Varint(r.data)
	if n <= 0 {
		r.data, r.broken = nil, true
		return 0
	}
	r.data = r.data[n:]
	return v
}

func (r *reader) bytes() []byte {
	length, n := binary.Uvarint(r.data)
	if n <= 0 || length > uint64(len(r.data)-n) {
		r.data, r.broken = nil, true
		return nil
	}
	out := r.data[n : n+int(length)]
	r.data = r.data[n+int(length):]
	return out
}

func (r *reader) text() string { return string(r.bytes()) }

// textLike is text; where that is equal to another, it gives the other, so that the
// memory is used once.
func (r *reader) textLike(other string) string {
	if text := r.bytes(); string(text) != other {
		return string(text)
	}
	return other
}

// numbersLike gives numbers, or others where they are the same.
func (r *reader) numbersLike(other []float64) []float64 {
	count, n := binary.Uvarint(r.data)
	if n <= 0 || count > uint64(len(r.data)-n)/8 {
		r.data, r.broken = nil, true
		return nil
	}
	data := r.data[n : n+8*int(count)]
	r.data = r.data[n+8*int(count):]
	number := func(i int) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:])) }
	if count == 0 {
		return nil
	}
	if len(other) == int(count) && sameNumbers(other, number) {
		return other
	}
	out := make([]float64, count)
	for i := range out {
		out[i] = number(i)
	}
	return out
}

// sameNumbers compares bit by bit: NaN is a number like others.
func sameNumbers(list []float64, number func(i int) float64) bool {
	for i, v := range list {
		if math.Float64bits(v) != math.Float64bits(number(i)) {
			return false
		}
	}
	return true
}

// Package filecache remembers something of files in one file of the cache folder, for as long as
// they have the size and the time of modification that they had.
package filecache

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"vertebra/stages/internal/files"
	"vertebra/stages/stage"
)

// Cache is what was remembered. Its file is replaced as a whole, so a reader sees an old
// or a new one; writers take turns and keep what others added.
type Cache struct {
	path  string // "" remembers nothing
	magic string
	known map[string][]byte
}

var sums = crc64.MakeTable(crc64.ECMA)

// Open reads a cache file; one that is missing or broken is as good as
// empty. magic begins it: a name and a version of what the records hold.
func Open(folder, name, magic string) *Cache {
	c := &Cache{magic: magic}
	if folder != "" {
		c.path = filepath.Join(folder, name)
		c.known = c.load()
	}
	return c
}

func (c *Cache) load() map[string][]byte {
	data, err := os.ReadFile(c.path)
	if err != nil {
		return nil
	}
	known, err := parse(data, c.magic)
	if err != nil {
		return nil
	}
	return known
}

// usualRecord is about what a record takes with its path, in bytes.
const usualRecord = 200

// parse splits the file into records by path; the records are read when
// they are needed.
func parse(data []byte, magic string) (map[string][]byte, error) {
	n := len(data) - 8
	if n < len(magic) || string(data[:len(magic)]) != magic {
		return nil, errors.New("not such a cache")
	}
	if crc64.Checksum(data[:n], sums) != binary.LittleEndian.Uint64(data[n:]) {
		return nil, errors.New("the cache is broken")
	}
	r := Reader{data: data[len(magic):n]}
	known := make(map[string][]byte, n/usualRecord)
	for len(r.data) > 0 && !r.broken {
		path := r.Text()
		known[path] = r.bytes()
	}
	if r.broken {
		return nil, errors.New("the cache is broken")
	}
	return known, nil
}

// Stamp tells two states of a file apart.
func Stamp(info fs.FileInfo) []byte { return StampOf(info.Size(), info.ModTime()) }

// StampOf is Stamp of a file of a size in bytes, and a time of modification.
func StampOf(size int64, modified time.Time) []byte {
	return binary.AppendVarint(binary.AppendVarint(nil, size), modified.UnixNano())
}

// Record gives what is known of a file in its present state, without the stamp; nil when
// nothing is.
func (c *Cache) Record(path string, info fs.FileInfo) []byte {
	return c.State(files.Absolute(path), info.Size(), info.ModTime().UnixNano())
}

// State is Record of a file with an absolute name, its size, and its time of
// modification in ns since 1970.
func (c *Cache) State(name string, size, modified int64) []byte {
	r := Reader{data: c.known[name]}
	if r.Whole() != size || r.Whole() != modified || r.broken {
		return nil
	}
	return r.data
}

// news are records to add.
type news struct {
	names  []string
	record func(i int) []byte
}

// Add puts new records, with their stamps, beside what the file holds by now, under a lock:
// record i is of the file with name i, which is absolute. Each is made when it is written,
// since together they would be as large as the file.
func (c *Cache) Add(names []string, record func(i int) []byte) error {
	if c.path == "" || len(names) == 0 {
		return nil
	}
	if err := c.merge(news{names, record}); err != nil {
		return fmt.Errorf("cache %s: %w", c.path, err)
	}
	return nil
}

func (c *Cache) merge(fresh news) (err error) {
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
	return replaceFile(c.path, func(w io.Writer) error { return write(w, c.magic, old, fresh) })
}

// write writes a cache file of old and new records, by path: what is read together
// lies together.
func write(to io.Writer, magic string, old map[string][]byte, fresh news) error {
	sum := crc64.New(sums)
	w := bufio.NewWriterSize(io.MultiWriter(to, sum), 1<<16)
	_, err := w.WriteString(magic)
	put := func(name string, record []byte) {
		if err == nil {
			line := AppendText(w.AvailableBuffer(), name)
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

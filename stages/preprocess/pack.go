package preprocess

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// A pack holds results of one step that one request has computed, one after the
// other in the order of the request's jobs, however many workers there were: many
// small files would cost more than the work they save. A record is its length, a
// CRC-32C of what follows, its key, and the result. What a killed run left half
// written at the end is cut off when that request goes on.
const (
	packSuffix  = ".pack"
	recordHead  = 4 + 4 + len(key{})
	recordLimit = 1 << 30
)

// results are the stored results of one step, in all packs of its folder.
type results struct {
	path string

	lock  sync.Mutex
	at    map[key]place
	packs []*os.File
	own   *os.File // this request's pack; nil when nothing is stored
	end   int64    // of the own pack, with what waits

	free    func([]byte) // takes memory of records back
	waiting [][]byte     // records for the end of the own pack
	flying  [][]byte     // records before them that are being written
	from    int64        // where the first of all these goes
	writing sync.Mutex   // held by the one who writes
}

// place is where a result lies in a pack.
type place struct {
	pack   *os.File
	offset int64
	length uint32
	check  uint32
}

// openResults reads where everything lies. A folder that is not there is empty.
func openResults(path string) (*results, error) {
	r := &results{path: path, at: map[key]place{}}
	names, _ := filepath.Glob(filepath.Join(path, "*"+packSuffix))
	for _, name := range names {
		f, err := os.Open(name)
		if errors.Is(err, os.ErrNotExist) {
			continue // evicted meanwhile
		}
		if err != nil {
			return nil, errors.Join(err, r.close())
		}
		r.packs = append(r.packs, f)
		r.scan(f)
	}
	return r, nil
}

// openPack reads where everything lies in one pack.
func openPack(path string) (*results, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	r := &results{path: filepath.Dir(path), at: map[key]place{}, packs: []*os.File{f}}
	r.scan(f)
	return r, nil
}

// scan notes the records of a pack and gives the end of the last whole one.
func (r *results) scan(f *os.File) (end int64) {
	info, err := f.Stat()
	if err != nil {
		return 0
	}
	head := make([]byte, recordHead)
	for {
		if _, err := f.ReadAt(head, end); err != nil {
			return end
		}
		p := place{f, end + int64(recordHead), binary.LittleEndian.Uint32(head), binary.LittleEndian.Uint32(head[4:])}
		next := p.offset + int64(p.length)
		if p.length == 0 || p.length > recordLimit || next > info.Size() {
			return end
		}
		r.at[key(head[8:])] = p
		end = next
	}
}

// begin opens the pack that new results of a request go to.
func (r *results) begin(request, about string) error {
	if err := os.MkdirAll(r.path, 0o777); err != nil {
		return err
	}
	f, err := os.OpenFile(filepath.Join(r.path, request+packSuffix), os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return err
	}
	r.packs, r.own = append(r.packs, f), f
	r.end = r.scan(f)
	r.from = r.end
	// Only when there is something to cut off: a file that was truncated is written to
	// the disk when it is closed, on some file systems.
	if info, err := f.Stat(); err != nil || info.Size() != r.end {
		if err := f.Truncate(r.end); err != nil {
			return err
		}
	}
	note := filepath.Join(r.path, "about")
	if text, err := os.ReadFile(note); err == nil && string(text) == about {
		return nil
	}
	return os.WriteFile(note, []byte(about), 0o666) // for people; a torn one is mended next time
}

// has says whether a result is there.
func (r *results) has(k key) bool {
	r.lock.Lock()
	defer r.lock.Unlock()
	_, there := r.at[k]
	return there
}

// get gives a result; nil when it is not there, or broken and to be made again.
func (r *results) get(k key) []byte {
	r.lock.Lock()
	p, there := r.at[k]
	r.lock.Unlock()
	if !there {
		return nil
	}
	data := make([]byte, p.length)
	if err := r.read(p, data); err == nil && recordCheck(k, data) == p.check {
		return data
	}
	r.forget(k)
	return nil
}

// read fills data with the content of a record, whether it was written or waits.
func (r *results) read(p place, data []byte) error {
	r.lock.Lock()
	if p.pack == r.own && p.offset >= r.from {
		defer r.lock.Unlock()
		at := r.from
		for _, records := range [][][]byte{r.flying, r.waiting} {
			for _, record := range records {
				if at+int64(recordHead) == p.offset {
					copy(data, record[recordHead:])
					return nil
				}
				at += int64(len(record))
			}
		}
		return io.ErrUnexpectedEOF // it could not be written
	}
	r.lock.Unlock()
	_, err := p.pack.ReadAt(data, p.offset)
	return err
}

// forget has a result that cannot be used made and stored again.
func (r *results) forget(k key) {
	r.lock.Lock()
	defer r.lock.Unlock()
	delete(r.at, k)
}

func recordCheck(k key, data []byte) uint32 {
	return crc32.Update(crc32.Checksum(k[:], castagnoli), castagnoli, data)
}

// add stores a result, unless it is there, and takes the data over. They begin with
// room for the head. Somebody must call flushSome from time to time.
func (r *results) add(k key, data []byte) error {
	r.lock.Lock()
	defer r.lock.Unlock()
	if _, there := r.at[k]; there || r.own == nil {
		r.free(data)
		return nil
	}
	if len(data) <= recordHead || len(data) > recordLimit {
		return fmt.Errorf("a result has %d bytes", len(data))
	}
	content := data[recordHead:]
	p := place{r.own, r.end + int64(recordHead), uint32(len(content)), recordCheck(k, content)}
	head := binary.LittleEndian.AppendUint32(data[:0], p.length)
	_ = append(binary.LittleEndian.AppendUint32(head, p.check), k[:]...)
	r.at[k], r.end, r.waiting = p, p.offset+int64(p.length), append(r.waiting, data)
	return nil
}

// flushSome writes what waits if that is enough to be worth while, and nobody does so
// already; who does goes on until no more is there. It waits for him where too much
// waits.
func (r *results) flushSome() error {
	for {
		r.lock.Lock()
		pieces, bytes := len(r.waiting), size(r.waiting)
		r.lock.Unlock()
		switch {
		case pieces < batchPieces && bytes < batchBytes:
			return nil
		case bytes >= waitingMost:
			r.writing.Lock()
		case !r.writing.TryLock():
			return nil
		}
		if err := r.write(); err != nil {
			return err
		}
	}
}

// flush writes what waits.
func (r *results) flush() error {
	r.writing.Lock()
	return r.write()
}

// write writes what waits, and ends writing, which the caller has begun. Meanwhile
// others may ask for results and add more.
func (r *results) write() error {
	defer r.writing.Unlock()
	r.lock.Lock()
	r.flying, r.waiting = r.waiting, nil
	records, at := r.flying, r.from
	r.lock.Unlock()
	err := writeParts(r.own, records, at) // a cut one ends beyond the file
	r.lock.Lock()
	defer r.lock.Unlock()
	r.flying, r.from = nil, at+int64(size(records))
	for _, data := range records {
		r.free(data)
	}
	return err
}

func size(records [][]byte) (n int) {
	for _, data := range records {
		n += len(data)
	}
	return n
}

// finish takes an empty pack away. It does not wait for the disk: what a power cut
// leaves broken, its checksum tells.
func (r *results) finish() error {
	if r.own == nil || r.end > 0 {
		return nil
	}
	return os.Remove(r.own.Name())
}

func (r *results) close() error {
	var errs []error
	for _, f := range r.packs {
		errs = append(errs, f.Close())
	}
	r.packs = nil
	return errors.Join(errs...)
}

// touch notes that packs were used, for eviction.
func (r *results) touch(c *cache) {
	for _, f := range r.packs {
		touch(c.env, f.Name())
	}
}

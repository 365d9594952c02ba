package queue

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/gob"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// A journal is what one start of a task writes down: what it tells the sweep, and
// the records of its run, in one order. It is a file of its own that only grows, so
// it may lie on a network drive; whoever runs the sweep reads it from there into
// results.db. Reading it twice changes nothing. An entry is its length, its CRC-32
// and a gob, so one that is not there as a whole is seen as none.
type journal struct {
	lock   sync.Mutex
	file   *os.File
	broken error // an entry may be there in part: nothing may follow it
}

// entry is one line of a journal.
type entry struct {
	At      time.Time        // of the machine that computes
	Node    string           // its name, where a run begins
	Begin   *results.RunInfo // a run begins, or goes on
	Message *Message
	Records []stage.Record
}

func init() {
	for _, r := range []any{stage.Scalar{}, stage.Curve{}, stage.Matrix{}, stage.Table{}, stage.Bars{}, stage.Scatter{}, stage.Gallery{}, stage.Thumbnail{},
		stage.Prediction{}, stage.PhaseRecord{}, stage.Event{}, stage.Artefact{}, stage.Fact{}, stage.Estimate{}} {
		gob.Register(r)
	}
}

const headLength = 8 // of an entry: length and checksum

func journalPath(folder string, number int) string {
	return filepath.Join(folder, fmt.Sprintf("journal-%04d", number))
}

// newJournal begins the first file of a folder that is not there yet.
func newJournal(folder string) (*journal, int, error) {
	for number := 1; ; number++ {
		f, err := os.OpenFile(journalPath(folder, number), os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o644)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		return &journal{file: f}, number, err
	}
}

// write adds an entry; when it returns nil it is on the disk, unless it may be lost.
func (j *journal) write(e entry, mayBeLost bool) error {
	var body bytes.Buffer
	if err := gob.NewEncoder(&body).Encode(e); err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	frame := binary.LittleEndian.AppendUint32(nil, uint32(body.Len()))
	frame = binary.LittleEndian.AppendUint32(frame, crc32.ChecksumIEEE(body.Bytes()))
	j.lock.Lock()
	defer j.lock.Unlock()
	if j.broken != nil {
		return j.broken
	}
	_, err := j.file.Write(append(frame, body.Bytes()...))
	if err == nil && !mayBeLost {
		err = j.file.Sync()
	}
	if err != nil {
		j.broken = fmt.Errorf("journal: %w", err)
	}
	return j.broken
}

// reader reads the journals of a folder as they grow.
type reader struct {
	folder string
	number int   // of the file
	offset int64 // of the next entry
}

// next gives what is there since it was last asked. What follows a torn entry in a
// file is never read: the process that wrote it is dead.
func (r *reader) next() (all []entry, err error) {
	for {
		some, err := r.file()
		all = append(all, some...)
		if err != nil {
			return all, err
		}
		if _, err := os.Stat(journalPath(r.folder, r.number+1)); err != nil {
			return all, nil
		}
		if some, err = r.file(); err != nil { // what came before the next file was begun
			return all, err
		}
		all = append(all, some...)
		r.number, r.offset = r.number+1, 0
	}
}

// file reads on in the file under way.
func (r *reader) file() (all []entry, err error) {
	f, err := os.Open(journalPath(r.folder, r.number))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() <= r.offset {
		return nil, err
	}
	data := make([]byte, info.Size()-r.offset)
	n, err := f.ReadAt(data, r.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	all, used := entries(data[:n])
	r.offset += int64(used)
	return all, nil
}

// entries reads what is whole.
func entries(data []byte) (all []entry, used int) {
	for {
		rest := data[used:]
		if len(rest) < headLength {
			return all, used
		}
		length := int(binary.LittleEndian.Uint32(rest))
		if length > len(rest)-headLength {
			return all, used
		}
		body := rest[headLength : headLength+length]
		var e entry
		if crc32.ChecksumIEEE(body) != binary.LittleEndian.Uint32(rest[4:]) || gob.NewDecoder(bytes.NewReader(body)).Decode(&e) != nil {
			return all, used
		}
		all, used = append(all, e), used+headLength+length
	}
}

// Record writes down the records of the run; see stage.Recorder.
func (t *Task) Record(_ context.Context, records ...stage.Record) error {
	if len(records) == 0 {
		return nil
	}
	return t.journal.write(entry{At: t.now(), Records: records}, false)
}

// Progress does nothing: progress is shown, not kept.
func (*Task) Progress(stage.Progress) {}

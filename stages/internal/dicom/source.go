package dicom

import (
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/suyashkumar/dicom/pkg/tag"
)

// source is a file, or as much of it as is needed, in memory.
type source struct {
	file  io.ReaderAt
	size  int64
	bytes []byte // from start
	start int64
	spare []byte // memory for bytes
}

const (
	window      = 16 << 10 // bytes read at once; most headers fit
	wholeFile   = 32 << 20 // files up to this size are read at once for their pixels
	inflateMost = 1 << 28  // bytes that a deflated file may grow to
)

// read gives n bytes; they stay valid until the next read.
func (s *source) read(at, n int64) ([]byte, error) {
	if at < 0 || n < 0 || n > s.size || at > s.size-n {
		return nil, fmt.Errorf("the file is cut off: %d bytes at byte %d are wanted, it has %d", n, at, s.size)
	}
	if at < s.start || at+n > s.start+int64(len(s.bytes)) {
		want := min(max(n, window), s.size-at)
		if int64(cap(s.spare)) < want {
			s.spare = make([]byte, want)
		}
		s.bytes, s.start = s.spare[:want], at
		if _, err := s.file.ReadAt(s.bytes, at); err != nil {
			return nil, err
		}
	}
	return s.bytes[at-s.start:][:n:n], nil
}

// whole says whether all of the file is in memory.
func (s *source) whole() bool { return s.start == 0 && int64(len(s.bytes)) == s.size }

// inflate takes the place of what follows the meta information with what it
// inflates to (PS3.5, A.5). Deflate makes 1032 bytes of one at most.
func (s *source) inflate(at int64) error {
	packed, err := s.read(0, s.size)
	if err != nil {
		return err
	}
	most := min(inflateMost, 1032*s.size)
	var out bytes.Buffer
	out.Write(packed[:at])
	n, err := io.Copy(&out, io.LimitReader(flate.NewReader(bytes.NewReader(packed[at:])), most))
	switch {
	case n == most:
		err = fmt.Errorf("inflates to more than %d bytes", n)
	case errors.Is(err, io.ErrUnexpectedEOF):
		err = errors.New("is cut off: its deflated part does not end")
	}
	if err != nil {
		return bad(tag.TransferSyntaxUID, "is deflated, and what is deflated %w", err)
	}
	*s = source{size: int64(out.Len()), bytes: out.Bytes(), spare: s.spare}
	return nil
}

// buffers are for what is read of files. They hold nothing that outlives a call.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// borrow takes memory from buffers, until it is given back.
func (s *source) borrow() (giveBack func()) {
	buffer := buffers.Get().(*[]byte)
	s.spare = *buffer
	return func() {
		if cap(s.spare) <= wholeFile {
			*buffer = s.spare
		}
		buffers.Put(buffer)
	}
}

// opened calls use with a file, read as a whole if it is meant to be and not too
// large.
func opened(path string, whole bool, use func(s *source) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if info.IsDir() {
		return in(path, errors.New("a folder, no DICOM file"))
	}
	s := &source{file: f, size: info.Size()}
	defer s.borrow()()
	if whole && s.size <= wholeFile {
		if int64(cap(s.spare)) < s.size {
			s.spare = make([]byte, s.size)
		}
		s.bytes = s.spare[:s.size]
		if _, err := io.ReadFull(f, s.bytes); err != nil {
			return in(path, err)
		}
	}
	return use(s)
}

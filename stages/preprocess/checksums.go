package preprocess

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/zeebo/xxh3"
	"golang.org/x/sys/unix"

	"vertebra/stages/stage"
)

// known is what was hashed before: a file of the same size and time is taken to
// be the same.
type known struct {
	Size, Time int64 // time of modification, ns since 1970
	Hash       string
}

// unreadable stands for the hash of a file that cannot be read; decoding says
// why. It is not remembered.
const unreadable = "unreadable"

// checksums remembers hashes by absolute path. Each is appended to a file at
// once, so that a killed run loses none; a line that is not whole is passed over.
type checksums struct {
	path string
	tmp  string // folder for unfinished files

	lock  sync.Mutex
	table map[string]known
	file  *os.File // nil until something is new
	lines int      // in the file
	loose bool     // the file is not as save writes it: a run was killed
	fault error    // the first, of writing
}

// readChecksums reads the file; a missing or broken one counts as empty.
func readChecksums(cache string) *checksums {
	m := &checksums{path: filepath.Join(cache, "checksums"), table: map[string]known{}}
	f, err := os.Open(m.path)
	if err != nil {
		return m
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	for last := ""; lines.Scan(); m.lines++ {
		path, k, ok := parseLine(lines.Text())
		if ok {
			m.table[path] = k
		}
		m.loose = m.loose || !ok || path <= last
		last = path
	}
	return m
}

// A line is hash, size, time and quoted path.
func line(path string, k known) string {
	out := append([]byte(k.Hash), ' ')
	out = append(strconv.AppendInt(out, k.Size, 10), ' ')
	out = append(strconv.AppendInt(out, k.Time, 10), ' ')
	return string(append(stage.AppendQuoted(out, path), '\n'))
}

func parseLine(text string) (path string, k known, ok bool) {
	parts := strings.SplitN(text, " ", 4)
	if len(parts) != 4 || len(parts[0]) != 32 {
		return "", k, false
	}
	size, err1 := strconv.ParseInt(parts[1], 10, 64)
	time, err2 := strconv.ParseInt(parts[2], 10, 64)
	path, err3 := strconv.Unquote(parts[3])
	return path, known{size, time, parts[0]}, errors.Join(err1, err2, err3) == nil
}

// known gives a hash that needs no reading; false when the file is new or has
// changed. A file that is not there is known to be unreadable.
func (m *checksums) known(path string) (string, bool) {
	file, _ := stage.ParseFramePath(path)
	info, err := os.Stat(file)
	if err != nil {
		return unreadable, true
	}
	return m.as(path, info.Size(), info.ModTime().UnixNano())
}

// as is known of a file that has a size, and was modified at a time.
func (m *checksums) as(path string, size, modified int64) (string, bool) {
	file, frame := stage.ParseFramePath(path)
	m.lock.Lock()
	defer m.lock.Unlock()
	if len(m.table) == 0 {
		return "", false
	}
	before, ok := m.table[absolute(file)]
	if ok && before.Size == size && before.Time == modified {
		return ofFrame(before.Hash, frame), true
	}
	return "", false
}

// ofFrame names the content of one frame of a file.
func ofFrame(hash string, frame int) string {
	if frame == 0 || hash == unreadable {
		return hash
	}
	return stage.FramePath(hash, frame)
}

func absolute(path string) string {
	if name, err := filepath.Abs(path); err == nil {
		return name
	}
	return path
}

// read gives a file's content and hash, and remembers the hash. Only content
// that was read between two looks at an unchanged file is remembered.
func (m *checksums) read(path string, memory []byte) fileContent {
	data, state, steady, err := readInto(path, memory)
	if err != nil {
		return fileContent{hash: unreadable}
	}
	// No adversary chooses the files: 128 good bits tell them apart, at the speed of
	// memory, where SHA-256 would take as long as decoding.
	sum := xxh3.Hash128(data).Bytes()
	state.Hash = hex.EncodeToString(sum[:])
	if steady {
		m.remember(absolute(path), state)
	}
	return fileContent{state.Hash, data, state, steady}
}

// readInto reads a file, into the given memory if it is large enough, and says
// whether it stayed as it was meanwhile. By bare system calls: what package os adds to
// each is a good part of what a small file costs.
func readInto(path string, memory []byte) (data []byte, state known, steady bool, err error) {
	f, err := openRead(path)
	if err != nil {
		return nil, state, false, err
	}
	defer unix.Close(f)
	if state, err = stateOf(f); err != nil {
		return nil, state, false, err
	}
	if state.Size > largestFile {
		return nil, state, false, fmt.Errorf("%s: has %d bytes; %d are read at most", path, state.Size, largestFile)
	}
	if int64(cap(memory)) < state.Size+1 {
		memory = make([]byte, state.Size+1) // one more: to see that there is no more
	}
	n, err := readAll(f, memory[:state.Size+1])
	switch {
	case err != nil:
		return nil, state, false, err
	case int64(n) > state.Size:
		return nil, state, false, errors.New("the file grows")
	}
	after, err := stateOf(f)
	return memory[:n], state, err == nil && after == state && int64(n) == state.Size, nil
}

// largestFile is the size up to which files are read: a hole of a terabyte is one
// command away.
const largestFile = 1 << 30

func openRead(path string) (int, error) {
	for {
		f, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err != unix.EINTR {
			return f, err
		}
	}
}

// readAll reads until memory is full or the file ends.
func readAll(f int, memory []byte) (n int, err error) {
	for n < len(memory) {
		got, err := unix.Read(f, memory[n:])
		switch {
		case err == unix.EINTR:
		case err != nil:
			return n, err
		case got == 0:
			return n, nil
		default:
			n += got
		}
	}
	return n, nil
}

func stateOf(f int) (known, error) {
	var s unix.Stat_t
	err := unix.Fstat(f, &s)
	return known{Size: s.Size, Time: s.Mtim.Nano()}, err
}

func (m *checksums) remember(name string, k known) {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.table[name] == k || m.fault != nil {
		return
	}
	m.table[name] = k
	if m.file == nil {
		// What a killed run left of a line is ended first.
		if m.file, m.fault = os.OpenFile(m.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666); m.fault != nil {
			return
		}
		_, m.fault = m.file.WriteString("\n")
		m.lines++
	}
	if m.fault == nil {
		_, m.fault = m.file.WriteString(line(name, k))
		m.lines++
	}
}

// refresh takes in what other processes have hashed meanwhile.
func (m *checksums) refresh() {
	m.lock.Lock()
	defer m.lock.Unlock()
	m.merge()
}

func (m *checksums) merge() {
	for path, k := range readChecksums(filepath.Dir(m.path)).table {
		if _, ours := m.table[path]; !ours {
			m.table[path] = k
		}
	}
}

// save writes the file anew, sorted, if anything was added by this run or by one
// that was killed: old lines of changed files go. It replaces the file at once, so that a reader never sees half of it.
// What another process appends meanwhile is hashed again some day.
func (m *checksums) save() error {
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.fault != nil || m.file == nil && !m.loose {
		return m.fault
	}
	var err error
	if m.file != nil {
		err = m.file.Close()
	}
	m.file, m.loose = nil, false
	m.merge()
	var text bytes.Buffer
	for _, path := range slices.Sorted(maps.Keys(m.table)) {
		text.WriteString(line(path, m.table[path]))
	}
	if err == nil {
		err = replaceFile(m.tmp, m.path, text.Bytes())
	}
	if err != nil {
		return fmt.Errorf("cache of checksums: %w", err)
	}
	return nil
}

package statedict

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"strconv"
)

// What a pickle makes. Numbers are int64, float64 and bool, text is string; bytes, sets and
// objects of classes that nothing is wanted of are strangers.
type (
	tuple  []any
	list   struct{ items []any }
	dict   struct{ keys, values []any }
	global struct{ module, name string }
	// object is an instance of a class; its state may hold tensors.
	object struct {
		class global
		state any
	}
	stranger struct{}
	mark     struct{}
)

// unpickler is the machine that pickles are programs of (Python's pickletools.py describes
// it), less everything that would run code.
type unpickler struct {
	data  []byte
	at    int
	stack []any
	memo  map[int64]any
	file  *file // where persistent ids lead
}

var errStack = errors.New("the pickle takes more from its stack than is there")

// run runs one pickle and gives what it made; the next one may follow.
func (u *unpickler) run() (any, error) {
	u.stack, u.memo = nil, map[int64]any{}
	for {
		op, err := u.take(1)
		if err != nil {
			return nil, err
		}
		if op[0] == '.' {
			return u.pop()
		}
		do := operations[op[0]]
		if do == nil {
			return nil, fmt.Errorf("the pickle has an operation %#x that is not known here", op[0])
		}
		if err := do(u); err != nil {
			return nil, err
		}
	}
}

// take gives the next bytes.
func (u *unpickler) take(n int) ([]byte, error) {
	if n < 0 || n > len(u.data)-u.at {
		return nil, errCut
	}
	out := u.data[u.at : u.at+n]
	u.at += n
	return out, nil
}

func (u *unpickler) line() (string, error) {
	text, n, err := line(u.data[u.at:])
	u.at += n
	return text, err
}

func (u *unpickler) push(v any) error {
	u.stack = append(u.stack, v)
	return nil
}

func (u *unpickler) pop() (any, error) {
	last := len(u.stack) - 1
	if last < 0 {
		return nil, errStack
	}
	v := u.stack[last]
	u.stack = u.stack[:last]
	return v, nil
}

// top looks at the last value.
func (u *unpickler) top() (any, error) {
	if len(u.stack) == 0 {
		return nil, errStack
	}
	return u.stack[len(u.stack)-1], nil
}

// popMark takes everything since the last mark.
func (u *unpickler) popMark() ([]any, error) {
	for i := len(u.stack) - 1; i >= 0; i-- {
		if _, ok := u.stack[i].(mark); ok {
			out := append([]any(nil), u.stack[i+1:]...)
			u.stack = u.stack[:i]
			return out, nil
		}
	}
	return nil, errStack
}

// number reads a little-endian number of so many bytes.
func (u *unpickler) number(bytes int) (int64, error) {
	raw, err := u.take(bytes)
	if err != nil {
		return 0, err
	}
	var wide [8]byte
	copy(wide[:], raw)
	return int64(binary.LittleEndian.Uint64(wide[:])), nil
}

// counted reads bytes whose count stands before them.
func (u *unpickler) counted(bytes int) ([]byte, error) {
	n, err := u.number(bytes)
	if err != nil {
		return nil, err
	}
	if n < 0 || n > int64(len(u.data)) {
		return nil, errCut
	}
	return u.take(int(n))
}

// signed is a little-endian number in two's complement, of at most 8 bytes; longer ones,
// which no shape has, become the largest.
func signed(raw []byte) int64 {
	if len(raw) > 8 {
		return math.MaxInt64
	}
	var v uint64
	for i, b := range raw {
		v |= uint64(b) << (8 * i)
	}
	if n := len(raw); n > 0 && n < 8 && raw[n-1]&0x80 != 0 {
		v |= math.MaxUint64 << (8 * n)
	}
	return int64(v)
}

func whole(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	return stranger{}
}

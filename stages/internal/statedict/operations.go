package statedict

import (
	"encoding/binary"
	"math"
	"strings"
)

// operations are the opcodes of pickle, protocols 0 to 5.
var operations map[byte]func(*unpickler) error

func init() { // some of them name the table
	operations = map[byte]func(*unpickler) error{
		0x80: skip(1), 0x95: skip(8), // protocol, frame
		'(': constant(mark{}), 'N': constant(nil), 0x88: constant(true), 0x89: constant(false),
		')': constant(tuple{}), 'J': integer(4, true), 'K': integer(1, false), 'M': integer(2, false),
		']':  func(u *unpickler) error { return u.push(&list{}) },
		'}':  func(u *unpickler) error { return u.push(&dict{}) },
		0x8f: func(u *unpickler) error { return u.push(&list{}) }, // empty set
		'0':  func(u *unpickler) error { _, err := u.pop(); return err },
		'1':  func(u *unpickler) error { _, err := u.popMark(); return err },
		'2':  (*unpickler).duplicate,
		0x8a: long(1), 0x8b: long(4), 'G': (*unpickler).float,
		'I': textual(number), 'L': textual(number), 'F': textual(none), 'S': textual(quoted), 'V': textual(quoted),
		'T': text(4), 'U': text(1), 'X': text(4), 0x8c: text(1), 0x8d: text(8),
		'B': blob(4), 'C': blob(1), 0x8e: blob(8), 0x96: blob(8),
		't': (*unpickler).tuple, 0x85: tupleOf(1), 0x86: tupleOf(2), 0x87: tupleOf(3),
		'l': (*unpickler).list, 'd': (*unpickler).dict, 0x91: (*unpickler).list,
		'a': (*unpickler).append, 'e': (*unpickler).extend, 0x90: (*unpickler).extend,
		's': (*unpickler).set, 'u': (*unpickler).update,
		'c': (*unpickler).global, 0x93: (*unpickler).stackGlobal,
		'R': (*unpickler).call, 0x81: (*unpickler).call, 0x92: (*unpickler).callWithNames, 'b': (*unpickler).build,
		'i': (*unpickler).instance, 'o': (*unpickler).newObject,
		'P': textual(none), 'Q': (*unpickler).persistent,
		'g': (*unpickler).getText, 'h': get(1), 'j': get(4), 'p': (*unpickler).putText, 'q': put(1), 'r': put(4),
		0x94: (*unpickler).memoize,
	}
}

func skip(n int) func(*unpickler) error {
	return func(u *unpickler) error { _, err := u.take(n); return err }
}

func constant(v any) func(*unpickler) error { return func(u *unpickler) error { return u.push(v) } }

func integer(n int, sign bool) func(*unpickler) error {
	return func(u *unpickler) error {
		raw, err := u.take(n)
		if err != nil {
			return err
		}
		if !sign {
			raw = append(append([]byte(nil), raw...), 0)
		}
		return u.push(signed(raw))
	}
}

func long(n int) func(*unpickler) error {
	return func(u *unpickler) error {
		raw, err := u.counted(n)
		if err != nil {
			return err
		}
		return u.push(signed(raw))
	}
}

func (u *unpickler) float() error {
	raw, err := u.take(8)
	if err != nil {
		return err
	}
	return u.push(math.Float64frombits(binary.BigEndian.Uint64(raw)))
}

// textual reads a value that is a line of text.
func textual(read func(string) any) func(*unpickler) error {
	return func(u *unpickler) error {
		line, err := u.line()
		if err != nil {
			return err
		}
		return u.push(read(line))
	}
}

func number(text string) any { return whole(strings.TrimSuffix(text, "L")) }

func quoted(text string) any { return strings.Trim(text, `'"`) }

func none(string) any { return stranger{} }

func text(n int) func(*unpickler) error {
	return func(u *unpickler) error {
		raw, err := u.counted(n)
		if err != nil {
			return err
		}
		return u.push(string(raw))
	}
}

func blob(n int) func(*unpickler) error {
	return func(u *unpickler) error {
		if _, err := u.counted(n); err != nil {
			return err
		}
		return u.push(stranger{})
	}
}

func (u *unpickler) duplicate() error {
	v, err := u.top()
	if err != nil {
		return err
	}
	return u.push(v)
}

func (u *unpickler) tuple() error {
	items, err := u.popMark()
	if err != nil {
		return err
	}
	return u.push(tuple(items))
}

func tupleOf(n int) func(*unpickler) error {
	return func(u *unpickler) error {
		if len(u.stack) < n {
			return errStack
		}
		items := append(tuple(nil), u.stack[len(u.stack)-n:]...)
		u.stack = u.stack[:len(u.stack)-n]
		return u.push(items)
	}
}

func (u *unpickler) list() error {
	items, err := u.popMark()
	if err != nil {
		return err
	}
	return u.push(&list{items})
}

func (u *unpickler) dict() error {
	items, err := u.popMark()
	if err != nil {
		return err
	}
	d := &dict{}
	d.update(items)
	return u.push(d)
}

func (d *dict) update(items []any) {
	for i := 0; i+1 < len(items); i += 2 {
		d.keys, d.values = append(d.keys, items[i]), append(d.values, items[i+1])
	}
}

func (u *unpickler) append() error {
	v, err := u.pop()
	if err != nil {
		return err
	}
	return u.fill([]any{v})
}

func (u *unpickler) extend() error {
	items, err := u.popMark()
	if err != nil {
		return err
	}
	return u.fill(items)
}

// fill adds to the list on the stack; what else takes items is a stranger.
func (u *unpickler) fill(items []any) error {
	to, err := u.top()
	if l, ok := to.(*list); ok {
		l.items = append(l.items, items...)
	}
	return err
}

func (u *unpickler) set() error {
	if len(u.stack) < 3 {
		return errStack
	}
	items := append([]any(nil), u.stack[len(u.stack)-2:]...)
	u.stack = u.stack[:len(u.stack)-2]
	return u.enter(items)
}

func (u *unpickler) update() error {
	items, err := u.popMark()
	if err != nil {
		return err
	}
	return u.enter(items)
}

func (u *unpickler) enter(items []any) error {
	to, err := u.top()
	if d, ok := to.(*dict); ok {
		d.update(items)
	}
	return err
}

func get(n int) func(*unpickler) error {
	return func(u *unpickler) error {
		at, err := u.number(n)
		if err != nil {
			return err
		}
		return u.recall(at)
	}
}

func (u *unpickler) getText() error {
	line, err := u.line()
	if err != nil {
		return err
	}
	at, _ := whole(line).(int64)
	return u.recall(at)
}

func (u *unpickler) recall(at int64) error {
	v, there := u.memo[at]
	if !there {
		return errStack
	}
	return u.push(v)
}

func put(n int) func(*unpickler) error {
	return func(u *unpickler) error {
		at, err := u.number(n)
		if err != nil {
			return err
		}
		return u.keep(at)
	}
}

func (u *unpickler) putText() error {
	line, err := u.line()
	if err != nil {
		return err
	}
	at, _ := whole(line).(int64)
	return u.keep(at)
}

func (u *unpickler) memoize() error { return u.keep(int64(len(u.memo))) }

func (u *unpickler) keep(at int64) error {
	v, err := u.top()
	u.memo[at] = v
	return err
}

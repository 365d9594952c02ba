// Package registry holds the sets of parts that an experiment file chooses
// from, and reads and writes the settings of parts. A setting is declared once,
// as a field of a Go struct: decoding, limits, messages, the written-out form
// and the reference all come from that one declaration.
package registry

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Kind is a set of parts that do the same job, such as all augmentations. P is
// the interface they share.
type Kind[P any] struct{ set *set }

// Path is a file path in an experiment file. A relative path is resolved
// against the folder of the file that says it when it is decoded, unless it is one
// of the words that the tag words allows in its place.
type Path string

// set is a Kind without its type parameter.
type set struct {
	what  string // "preprocessing step"
	iface reflect.Type

	mu    sync.RWMutex
	parts map[string]part
}

// part is one member of a set; defaults is a struct value.
type part struct {
	name, help string
	defaults   reflect.Value
	example    string
}

// sets finds the set of an interface type again. It is filled while packages
// are initialised.
var sets = struct {
	sync.RWMutex
	byType map[reflect.Type]*set
}{byType: map[reflect.Type]*set{}}

// New makes the set of all parts that implement P. what names one part for
// people, in the singular: "preprocessing step". It panics when P is no
// interface or already has a set.
func New[P any](what string) *Kind[P] {
	t := reflect.TypeFor[P]()
	if t.Kind() != reflect.Interface {
		panic(fmt.Sprintf("registry: %v is no interface", t))
	}
	sets.Lock()
	defer sets.Unlock()
	if old, taken := sets.byType[t]; taken {
		panic(fmt.Sprintf("registry: %v already is the kind %q", t, old.what))
	}
	s := &set{what: what, iface: t, parts: map[string]part{}}
	sets.byType[t] = s
	return &Kind[P]{s}
}

var legalName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Add puts a part into the set. defaults is a struct value; its exported fields
// are the settings and their values the defaults. Add panics on what only a
// programmer can get wrong: a name that is taken or not in snake case, a
// setting without help, a limit that the default itself breaks.
//
// example is the YAML of one use, for the reference and for tests; without it
// the defaults are the example. A part that needs a setting must give one.
func (k *Kind[P]) Add(name, help string, defaults P, example ...string) {
	v := reflect.ValueOf(defaults)
	switch {
	case !legalName.MatchString(name):
		k.refuse(name, "the name is not in snake_case")
	case help == "":
		k.refuse(name, "there is no help")
	case !v.IsValid() || v.Kind() != reflect.Struct:
		k.refuse(name, fmt.Sprintf("the defaults are %T, want a struct value", defaults))
	}
	verifyType(v.Type())
	verifyDefaults(v)
	k.set.mu.Lock()
	defer k.set.mu.Unlock()
	if _, taken := k.set.parts[name]; taken {
		k.refuse(name, "the name is taken")
	}
	k.set.parts[name] = part{name, help, clone(v), strings.Join(example, "\n")}
}

func (k *Kind[P]) refuse(name, why string) {
	panic(fmt.Sprintf("registry: %s %q: %s", k.set.what, name, why))
}

// Names lists the parts in alphabetical order.
func (k *Kind[P]) Names() []string { return k.set.names() }

// What names one part of this kind for people: "preprocessing step".
func (k *Kind[P]) What() string { return k.set.what }

// Default gives the named part with its own defaults; false when there is no
// such part.
func (k *Kind[P]) Default(name string) (One[P], bool) {
	v, ok := k.set.fresh(name)
	if !ok {
		return One[P]{}, false
	}
	return One[P]{Name: name, Part: v.Interface().(P)}, true
}

func (s *set) names() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.parts))
	for name := range s.parts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// fresh gives a settable copy of a part's defaults that shares nothing with
// them.
func (s *set) fresh(name string) (reflect.Value, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	p, ok := s.parts[name]
	if !ok {
		return reflect.Value{}, false
	}
	return clone(p.defaults), true
}

package registry

import (
	"fmt"
	"reflect"

	"gopkg.in/yaml.v3"
)

// loner is a map of single values, one of which may be written alone: the method gives its
// name. With the name image these are the same: "left.png" and {image: left.png}.
type loner interface{ Alone() string }

var lonerType = reflect.TypeFor[loner]()

// aloneIn is the name of the value of a map that may be written alone; "" where none may.
func aloneIn(t reflect.Type) string {
	if t.Kind() != reflect.Map || !t.Implements(lonerType) {
		return ""
	}
	if !isScalar(t.Elem()) {
		panic(fmt.Sprintf("registry: %v: only a map of single values has one that may be written alone", t))
	}
	return reflect.Zero(t).Interface().(loner).Alone()
}

// writtenOut makes a map of a value that is written alone.
func writtenOut(n *yaml.Node, t reflect.Type) *yaml.Node {
	name := aloneIn(t)
	if name == "" || n.Kind != yaml.ScalarNode || isNull(n) {
		return n
	}
	word := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: name, Line: n.Line, Column: n.Column}
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: n.Line, Column: n.Column, Content: []*yaml.Node{word, n}}
}

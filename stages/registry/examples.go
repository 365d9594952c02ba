package registry

import (
	"fmt"
	"reflect"
)

// Examples reads the example of every part. The suite that tests all parts of a
// kind runs on them.
func (k *Kind[P]) Examples() ([]One[P], error) {
	var out []One[P]
	for _, p := range k.Parts() {
		var one One[P]
		if err := decodeExample(k.What(), p, &one).Err(); err != nil {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// CheckExamples reads the examples of all kinds that v, or a part reached from
// it, chooses from.
func CheckExamples(v any) Problems {
	var out Problems
	for _, r := range partTypes(reflect.TypeOf(v)) {
		s := setOf(r.one)
		for _, p := range s.infos() {
			out = append(out, decodeExample(s.what, p, reflect.New(r.one).Interface())...)
		}
	}
	return out
}

// decodeExample reads an example into *one and wants it to name its part.
func decodeExample(what string, p PartInfo, one any) Problems {
	file := fmt.Sprintf("example of %s %s", what, p.Name)
	n, problems := Parse(file, []byte(p.Example))
	if n == nil {
		return problems
	}
	problems = append(problems, Decode(n, file, one)...)
	if got := oneName(reflect.ValueOf(one).Elem()).String(); len(problems) == 0 && got != p.Name {
		problems = append(problems, Problem{File: file, Text: "is one of " + got})
	}
	return problems
}

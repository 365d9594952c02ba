package experiments

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// load reads a file, the files it extends and the --set assignments into *into,
// which holds the defaults. The document is what the settings were read from.
// All mistakes come at once, as registry.Problems.
func load(read readFile, path string, sets []string, into any) (*document, error) {
	return source{read: read, path: filepath.Clean(path), sets: sets}.load(into)
}

func (o source) load(into any) (*document, error) {
	data, err := o.read(o.path)
	if err != nil {
		return nil, stage.Fault{Err: fmt.Errorf("read experiment %s: %w", o.path, reason(err)), Hint: "name a YAML file, such as experiments/demo.yaml"}
	}
	d := &document{
		source: o,
		target: reflect.TypeOf(into).Elem(), origins: map[*yaml.Node]registry.Origin{},
		sources: map[string][]byte{}, heirs: map[string]string{},
		defaults: registry.Encode(reflect.ValueOf(into).Elem().Interface()),
	}
	d.root = d.compose(o.read, o.path, data, nil)
	if d.root == nil {
		return d, d.annotated(d.problems)
	}
	for _, assignment := range o.sets {
		d.set(assignment)
	}
	if o.single {
		d.vary(o.assign)
	}
	d.byNet(into)
	d.problems = append(d.problems, registry.DecodeFrom(d.root, d.where, into)...)
	if d.partial { // what is missing may stand in the file that is
		d.problems = slices.DeleteFunc(d.problems, func(p registry.Problem) bool { return p.Missing })
	}
	d.problems = d.annotated(d.problems)
	return d, d.problems.Err()
}

// fromDisk reads a file, and no more of it than the parser takes.
func fromDisk(path string) (data []byte, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, registry.MaxBytes+1))
}

// resolved writes a value with all its defaults as YAML.
func resolved(v any) []byte {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(registry.Encode(v)); err != nil {
		return fmt.Appendf(nil, "# %v\n", err) // a buffer takes everything, and Encode gives plain nodes
	}
	return out.Bytes()
}

package statedict

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"testing"
)

// pickled runs a pickle of a zip archive with the storages, and looks for dictionaries.
func pickled(t *testing.T, program string, storages map[string][]byte) ([]Dict, error) {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	put := func(name string, data []byte) {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: "archive/" + name, Method: zip.Store})
		if err == nil {
			_, err = entry.Write(data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	put("data.pkl", []byte(program))
	for name, data := range storages {
		put("data/"+name, data)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return parse(bytes.NewReader(out.Bytes()), int64(out.Len()))
}

const (
	floats   = "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06tQ"
	rebuilds = "ctorch._utils\n_rebuild_tensor_v2\n("
)

// word is a text in a pickle.
func word(text string) string { return fmt.Sprintf("U%c%s", len(text), text) }

// doubled nests a value in itself so often that writing it out would never end.
func doubled(times int) string { return ")" + strings.Repeat("2\x86", times) }

// wide pushes n numbers.
func wide(n int) string { return strings.Repeat("K\x01", n) }

// TestHostile: what a file says of itself costs no more than the file is worth. Each of
// these would run for hours, take all memory, or crash, if it were taken at its word. What is
// in itself is no mistake, and holds nothing.
func TestHostile(t *testing.T) {
	t.Parallel()
	for what, program := range map[string]string{
		"an object that is its own state":         "ca\nb\n)Rq\x00h\x00b.",
		"states in states":                        strings.Repeat("ca\nb\n)R", 1e5) + strings.Repeat("b", 1e5-1) + ".",
		"the key of a view without an end":        "(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06(" + doubled(80) + "K\x00K\x01ttQ.",
		"a shape of many dimensions":              rebuilds + floats + "K\x00(" + wide(1e5) + "tq\x00h\x00tR.",
		"a module in itself":                      "}" + word("net") + "ca\nb\n)Rq\x00}(" + word("_modules") + "}" + word("a") + "h\x00su" + "bs.",
		"modules that hold the next one twice":    modules(40),
		"one list of pairs for many dictionaries": "](" + strings.Repeat("K\x01K\x02\x86", 1e4) + "eq\x00" + strings.Repeat("ccollections\nOrderedDict\nh\x00\x85R", 1e4) + ".",
		"one dictionary at many places":           "}q\x00(" + strings.Repeat(word("a")+"K\x01", 1e4) + "u0}(" + strings.Repeat(word("_parameters")+"h\x00", 1e4) + "uq\x01ca\nb\n)Rh\x01b.",
	} {
		got, err := pickled(t, program, map[string][]byte{"0": make([]byte, 24)})
		if harmless := strings.Contains(what, " its own ") || strings.Contains(what, " in "); len(got) > 0 || (err == nil) != harmless {
			t.Errorf("%s: got %d dictionaries, %v", what, len(got), err)
		}
	}
}

// modules nest a module twice in the next one, so often that their tensors have as many names as there are atoms.
func modules(deep int) string {
	program := "ca\nb\n)R"
	for range deep {
		program += "q\x000ca\nb\n)R}" + word("_modules") + "}(" + word("a") + "h\x00" + word("b") + "h\x00usb"
	}
	return program + "."
}

// TestHostileStorages: entries of an archive may be one stretch of the file, and views of a
// storage may be as many as one likes.
func TestHostileStorages(t *testing.T) {
	t.Parallel()
	const views, size = 1000, 1 << 16
	var program strings.Builder
	program.WriteString("}(")
	for i := range views {
		fmt.Fprintf(&program, "%s%s(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpuK\x06(%sK\x00J%stttQK\x00)))tR",
			word(fmt.Sprint("t", i)), rebuilds, word(fmt.Sprint(i)), binary.LittleEndian.AppendUint32(nil, size))
	}
	program.WriteString("u.")
	text := strings.ReplaceAll(program.String(), "tttQ", "ttQ")
	f := newFile(len(text) + 4*size)
	f.raw = map[string][]byte{"0": make([]byte, 4*size)}
	saved, err := (&unpickler{data: []byte(text), file: f}).run()
	if err != nil {
		t.Fatal(err)
	}
	w := walk{file: f, seen: map[any]bool{}}
	if err := w.visit("", saved); err == nil || !strings.Contains(err.Error(), "far more than the file holds") {
		t.Errorf("%d views: %v", views, err)
	}
}

// TestLaidOutTakes what PyTorch makes of tensors: a dimension of 1 has any stride, and one
// that is expanded none.
func TestLaidOutTakes(t *testing.T) {
	t.Parallel()
	stored := []float32{1, 2, 3}
	for what, good := range map[string]*tensor{
		"a dimension of 1": {shape: []int64{1, 3}, stride: []int64{1000, 1}},
		"expanded":         {shape: []int64{5, 3}, stride: []int64{0, 1}},
		"a single number":  {offset: 2},
	} {
		got, err := (&walk{file: newFile(64)}).laidOut(good, stored)
		if err != nil || got.Data[len(got.Data)-1] != 3 {
			t.Errorf("%s: %v, %v", what, got.Data, err)
		}
	}
}

package statedict

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/internal/safetensors"
)

// shaped is a tensor that a file should hold.
type shaped struct {
	name  string
	shape []int64
}

var plain = []shaped{{"stem.weight", []int64{3, 2, 2}}, {"stem.bias", []int64{3}}, {"last.weight", []int64{2, 5}}}

// wantEighths wants values k/8 for k = 0, 1, 2, ..., as testdata/saved.py writes them.
func wantEighths(t *testing.T, what string, got map[string]safetensors.Tensor, of []shaped) {
	t.Helper()
	k := 0
	for _, want := range of {
		values := got[want.name]
		if !slices.Equal(values.Shape, want.shape) {
			t.Errorf("%s: %s has the shape %v, want %v", what, want.name, values.Shape, want.shape)
		}
		for i, v := range values.Data {
			if v != float32(k)/8 {
				t.Fatalf("%s: %s[%d] = %v, want %v", what, want.name, i, v, float32(k)/8)
			}
			k++
		}
	}
	if k < 12 {
		t.Errorf("%s: %d values", what, k)
	}
}

func TestRead(t *testing.T) {
	t.Parallel()
	for file, paths := range map[string][]string{
		"saved.pth":         {""},
		"saved-legacy.pth":  {""},
		"saved-trainer.pth": {"state_dict", "nets.double", "nets.half", "nets.brain"},
	} {
		got, err := Read(filepath.Join("testdata", file))
		if err != nil || len(got) != len(paths) {
			t.Errorf("%s: %d dictionaries, %v, want %q", file, len(got), err, paths)
			continue
		}
		for i, want := range paths {
			if got[i].Path != want || len(got[i].Tensors) != 3 {
				t.Errorf("%s: dictionary %d is at %q with %d tensors, want %q", file, i, got[i].Path, len(got[i].Tensors), want)
			}
			wantEighths(t, file+" "+want, got[i].Tensors, plain)
		}
	}
}

func TestReadViews(t *testing.T) {
	t.Parallel()
	got, err := Read("testdata/saved-views.pth")
	if err != nil || len(got) != 1 {
		t.Fatalf("%d dictionaries, %v", len(got), err)
	}
	of := slices.Clone(plain)
	of[2].shape = []int64{1, 2, 5}
	wantEighths(t, "views", got[0].Tensors, of)
	if want := []string{"stem.weight", "stem.bias", "last.weight"}; !slices.Equal(got[0].Names, want) {
		t.Errorf("in the order %q, want %q", got[0].Names, want)
	}
}

func TestReadWholeNet(t *testing.T) {
	t.Parallel()
	got, err := Read("testdata/saved-net.pth")
	if err != nil || len(got) != 1 || got[0].Path != "net" {
		t.Fatalf("%d dictionaries, %v, want one at net", len(got), err)
	}
	wantEighths(t, "net", got[0].Tensors, []shaped{{"stem.conv.weight", []int64{3, 2}}, {"stem.conv.bias", []int64{3}}, {"stem.norm.running_mean", []int64{3}}})
	want := []string{"last.bias", "last.weight", "stem.conv.bias", "stem.conv.weight", "stem.norm.bias", "stem.norm.running_mean", "stem.norm.running_var", "stem.norm.weight"}
	if names := slices.Sorted(maps.Keys(got[0].Tensors)); !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
}

// Before PyTorch 1.6 the classes of a whole net are persistent, with their source, and
// storages may be views of others.
func TestLegacyIDs(t *testing.T) {
	t.Parallel()
	f := &file{unread: 12, raw: map[string][]byte{"7": {0, 0, 0, 0, 0, 0, 128, 63, 0, 0, 0, 64}}}
	class := global{"torch.nn.modules.linear", "Linear"}
	if got, err := f.storage(tuple{"module", class, "linear.py", "class Linear"}); err != nil || got != class {
		t.Errorf("a class: %v, %v", got, err)
	}
	got, err := f.storage(tuple{"storage", global{"torch", "FloatStorage"}, "7", "cpu", int64(3), tuple{"8", int64(1), int64(2)}})
	if err != nil {
		t.Fatal(err)
	}
	if numbers, err := f.floats(got.(*storage)); err != nil || !slices.Equal(numbers, []float32{1, 2}) {
		t.Errorf("a view: %v, %v, want 1 and 2", numbers, err)
	}
}

var files = []string{"saved.pth", "saved-views.pth", "saved-legacy.pth", "saved-trainer.pth", "saved-net.pth"}

func TestReadRefuses(t *testing.T) {
	t.Parallel()
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), file)
		for _, n := range []int{0, 3, 15, len(data) / 3, len(data) / 2, len(data) - 20} {
			if err := os.WriteFile(path, data[:n], 0o644); err != nil {
				t.Fatal(err)
			}
			if got, err := Read(path); err == nil || !strings.Contains(err.Error(), path) {
				t.Errorf("%s cut to %d bytes: %d dictionaries, %v", file, n, len(got), err)
			}
		}
	}
}

// Shapes that a file claims are held against what it stores, and tensors that share it may
// not add up to much more than the file.
func TestLaidOutRefuses(t *testing.T) {
	t.Parallel()
	stored := make([]float32, 6)
	for what, bad := range map[string]*tensor{
		"too large":       {shape: []int64{7}, stride: []int64{1}},
		"beyond the end":  {shape: []int64{2, 3}, stride: []int64{4, 1}},
		"from beyond":     {offset: 6, shape: []int64{}, stride: []int64{}},
		"from before":     {offset: -1, shape: []int64{1}, stride: []int64{1}},
		"negative":        {shape: []int64{-1}, stride: []int64{1}},
		"backwards":       {offset: 5, shape: []int64{2}, stride: []int64{-1}},
		"overflows":       {shape: []int64{1 << 40, 1 << 40}, stride: []int64{0, 0}},
		"a wide stride":   {shape: []int64{2}, stride: []int64{1 << 62}},
		"nothing is left": {shape: []int64{3}, stride: []int64{1}},
	} {
		w := walk{file: &file{budget: 6}}
		if what == "nothing is left" {
			w.file.budget = 2
		}
		if got, err := w.laidOut(bad, stored); err == nil {
			t.Errorf("%s: got %v", what, got)
		}
	}
	if got, err := (&walk{file: &file{budget: 6}}).laidOut(&tensor{shape: []int64{0, 3}, stride: []int64{3, 1}}, nil); err != nil || len(got.Data) != 0 {
		t.Errorf("an empty tensor: %v, %v", got, err)
	}
}

// FuzzParse wants an error or tensors that are what their shapes say.
func FuzzParse(f *testing.F) {
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		dicts, err := parse(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		all := 0
		for _, d := range dicts {
			for name, tensor := range d.Tensors {
				n := int64(1)
				for _, size := range tensor.Shape {
					n *= size
				}
				if all += len(tensor.Data); n != int64(len(tensor.Data)) {
					t.Errorf("%s: %d values of shape %v", name, len(tensor.Data), tensor.Shape)
				}
			}
		}
		if all > len(data) {
			t.Errorf("%d numbers of %d bytes", all, len(data))
		}
	})
}

// FuzzPickle leaves out the archive around a pickle, whose checksum keeps changes out.
func FuzzPickle(f *testing.F) {
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		if at := strings.Index(string(data), "\x80\x02"); at >= 0 {
			f.Add(data[at:])
		}
	}
	f.Fuzz(func(_ *testing.T, data []byte) {
		files := newFile(len(data))
		saved, err := (&unpickler{data: data, file: files}).run()
		if err == nil {
			_ = (&walk{file: files, seen: map[any]bool{}}).visit("", saved)
		}
	})
}

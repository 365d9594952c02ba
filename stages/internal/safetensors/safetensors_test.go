package safetensors

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func sample() File {
	return File{
		Tensors: map[string]Tensor{
			"fc.weight": {Shape: []int64{2, 3}, Data: []float32{1, -2, 3.5, 0, float32(math.Inf(1)), 1e-30}},
			"fc.bias":   {Shape: []int64{}, Data: []float32{7}},
		},
		Metadata: map[string]string{"epoch": "3"},
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "net.safetensors")
	if err := os.WriteFile(path+".part", make([]byte, 1000), 0o600); err != nil { // what a killed process left
		t.Fatal(err)
	}
	for range 2 { // the second time over an old file
		if err := Write(path, sample()); err != nil {
			t.Fatal(err)
		}
	}
	got, err := Read(path)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, sample()) {
		t.Errorf("got %v, want %v", got, sample())
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
		t.Errorf("temporary files were left: %v", files)
	}
	if err := Write(filepath.Join(path, "below a file"), sample()); err == nil {
		t.Error("a folder that is none was accepted")
	}
}

// A block that the disk lost is told, wherever it lay; a file of others has no checksum.
func TestLostBlocksAreTold(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := Encode(&out, sample()); err != nil {
		t.Fatal(err)
	}
	whole := out.Bytes()
	body := 8 + int(binary.LittleEndian.Uint64(whole))
	for at := body; at < len(whole); at++ {
		broken := bytes.Clone(whole)
		broken[at] ^= 0x10
		if _, err := Decode(broken); err == nil || !strings.Contains(err.Error(), "its numbers are not those that were written") {
			t.Fatalf("byte %d of %d: got %v", at, len(whole), err)
		}
	}
	other := append(bytes.Clone(whole[:body]), whole[body:]...)
	if _, err := Decode(bytes.Replace(other, []byte(`"crc32c":`), []byte(`"crc32x":`), 1)); err != nil {
		t.Error(err)
	}
}

func BenchmarkEncode(b *testing.B) {
	f := File{Tensors: map[string]Tensor{"a": {Shape: []int64{1 << 24}, Data: make([]float32, 1<<24)}}}
	b.SetBytes(4 << 24)
	for b.Loop() {
		if err := Encode(io.Discard, f); err != nil {
			b.Fatal(err)
		}
	}
}

func TestOtherFloats(t *testing.T) {
	t.Parallel()
	header := `{"h":{"dtype":"F16","shape":[3],"data_offsets":[0,6]},"b":{"dtype":"BF16","shape":[1],"data_offsets":[6,8]},"n":{"dtype":"I64","shape":[],"data_offsets":[0,8]}}`
	data := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	for _, v := range []uint16{0x3c00, 0xc500, 0x0001, 0x4049} {
		data = binary.LittleEndian.AppendUint16(data, v)
	}
	got, err := Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]Tensor{
		"h": {[]int64{3}, []float32{1, -5, 5.9604645e-08}},
		"b": {[]int64{1}, []float32{3.140625}},
	}
	if !reflect.DeepEqual(got.Tensors, want) {
		t.Errorf("got %v, want %v", got.Tensors, want)
	}
}

func TestBrokenFilesAreRefused(t *testing.T) {
	t.Parallel()
	var whole bytes.Buffer
	if err := Encode(&whole, sample()); err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 7, 8, 40, whole.Len() - 1} {
		if _, err := Decode(whole.Bytes()[:n]); err == nil {
			t.Errorf("%d of %d bytes were accepted", n, whole.Len())
		}
	}
}

// TestSharedBytesAreRefused: a small file would otherwise hold tensors without end.
func TestSharedBytesAreRefused(t *testing.T) {
	t.Parallel()
	header := `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}`
	data := append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...)
	if _, err := Decode(append(data, make([]byte, 8)...)); err == nil || !strings.Contains(err.Error(), `tensor "b": shares bytes with others`) {
		t.Errorf("got %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	var whole bytes.Buffer
	if err := Encode(&whole, sample()); err != nil {
		f.Fatal(err)
	}
	f.Add(whole.Bytes())
	f.Add([]byte("\x02\x00\x00\x00\x00\x00\x00\x00{}"))
	f.Fuzz(func(_ *testing.T, data []byte) { _, _ = Decode(data) })
}

package packages

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"hash/crc32"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// sample is a run of two folds.
func sample() (Manifest, []Content) {
	half, level := 0.5, 0.95
	m := Manifest{Program: "abc", Left: []string{"data.source.table.file"}, Run: Run{
		ID: "2026-11-26-x", Name: "x", Trained: "2026-11-26", Experiment: "experiment.yaml",
		Nets:    []Net{{Weights: "weights/fold-1.safetensors", Fold: 1, Probe: []float32{1, -0.5}}, {Weights: "weights/fold-2.safetensors", Fold: 2, Outliers: "outliers/fold-2.safetensors", Probe: []float32{0.1, 2}}},
		Image:   &Image{Sample: "point", Channels: 1, Height: 8, Width: 9, Steps: []Step{{"decode", 3}}, Mean: []float64{0.5}, Std: []float64{0.25}},
		Data:    Data{Fingerprint: "f00", Splits: &Table{Columns: []string{"split", "cases"}, Rows: [][]any{{"train", 3.0}}}},
		Numbers: []Number{{Series: "test", Name: "f1", Value: &half, Low: &half, High: &half, Level: level}, {Series: "test", Name: "auroc"}},
	}}
	return m, []Content{text(CardName, "# x"), text("experiment.yaml", "name: x\n"), text("weights/fold-1.safetensors", "one"), text("weights/fold-2.safetensors", "two"), text("outliers/fold-2.safetensors", "three")}
}

func text(name, data string) Content {
	return Content{name, func() ([]byte, error) { return []byte(data), nil }}
}

func written(t testing.TB) (path, sum string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "model.zip")
	m, parts := sample()
	if err := m.Run.SetFact("classes", `["a","b"]`); err != nil {
		t.Fatal(err)
	}
	if err := m.Run.SetFact("libtorch", "1.13"); err != nil {
		t.Fatal(err)
	}
	sum, err := Write(t.Context(), path, m, parts)
	if err != nil {
		t.Fatal(err)
	}
	return path, sum
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	t.Parallel()
	path, sum := written(t)
	p, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	want, parts := sample()
	want.Format, want.Version, want.Parts, want.Run.Facts = Format, Version, p.Parts, p.Run.Facts
	if !reflect.DeepEqual(p.Manifest, want) {
		t.Errorf("got  %+v\nwant %+v", p.Manifest, want)
	}
	if got := []string{p.Run.Fact("classes"), p.Run.Fact("libtorch"), p.Run.Fact("none")}; !reflect.DeepEqual(got, []string{`["a","b"]`, "1.13", ""}) {
		t.Errorf("facts: got %q", got)
	}
	if got, err := p.Text("experiment.yaml"); err != nil || got != "name: x\n" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := p.Weights(p.Run.Nets[1]).Read(); err != nil || string(got) != "two" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := p.Weights(p.Run.Nets[1]).Find(); err != nil || got != path+"#weights/fold-2.safetensors" {
		t.Errorf("got %q, %v", got, err)
	}
	if err := p.Verify(t.Context()); err != nil {
		t.Error(err)
	}
	if len(p.Parts) != len(parts) || !Is(path) {
		t.Errorf("got the parts %v", p.Parts)
	}
	data, err := os.ReadFile(path)
	if whole := sha256.Sum256(data); err != nil || hex.EncodeToString(whole[:]) != sum {
		t.Errorf("the file is not what its SHA-256 says: %v", err)
	}
	again, other := written(t) // the same content is the same file
	if both, err := os.ReadFile(again); err != nil || other != sum || !bytes.Equal(both, data) {
		t.Errorf("written a second time it is another file: %v", err)
	}
}

// TestWriteIsWhole: whatever goes wrong, what was there stays, and nothing else is left.
func TestWriteIsWhole(t *testing.T) {
	t.Parallel()
	path, _ := written(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	m, parts := sample()
	boom := errors.New("boom")
	broken := append(parts[:3:3], Content{"weights/fold-2.safetensors", func() ([]byte, error) { return nil, boom }})
	if _, err := Write(t.Context(), path, m, broken); !errors.Is(err, boom) {
		t.Errorf("got %v", err)
	}
	if _, err := Write(t.Context(), path, m, parts[:3]); err == nil || !strings.Contains(err.Error(), "weights/fold-2.safetensors") {
		t.Errorf("a part that is missing: got %v", err)
	}
	ctx, stop := context.WithCancelCause(t.Context())
	stop(boom)
	if _, err := Write(ctx, path, m, parts); !errors.Is(err, boom) {
		t.Errorf("cancelled: got %v", err)
	}
	if _, err := Write(t.Context(), filepath.Join(path, "x.zip"), m, parts); err == nil || !strings.Contains(err.Error(), "x.zip cannot be written: not a directory") {
		t.Errorf("got %v", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("what was there was changed: %v", err)
	}
	if files, err := os.ReadDir(filepath.Dir(path)); err != nil || len(files) != 1 {
		t.Errorf("got %v, %v; want the package alone", files, err)
	}
}

// entry is one of a zip file that somebody made.
type entry struct {
	name   string
	data   []byte
	method uint16
	claim  uint64 // bytes; 0 for those that are there
}

func zipOf(t testing.TB, entries ...entry) string {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: e.method, CRC32: crc32.ChecksumIEEE(e.data), CompressedSize64: uint64(len(e.data)), UncompressedSize64: uint64(len(e.data))}
		if e.claim > 0 {
			h.UncompressedSize64 = e.claim
			if e.method == zip.Store {
				h.CompressedSize64 = e.claim
			}
		}
		w, err := z.CreateRaw(h)
		if err == nil {
			_, err = w.Write(e.data)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "model.zip")
	if err := os.WriteFile(path, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// entriesOf takes the sample apart; change may make another manifest of it.
func entriesOf(t testing.TB, change func(m map[string]any)) []entry {
	t.Helper()
	path, _ := written(t)
	z, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	var out []entry
	a := archive{entries: map[string]*zip.File{}}
	for _, f := range z.File {
		a.entries[f.Name] = f
		data, err := a.read(f.Name, 1<<20)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == manifestName && change != nil {
			var m map[string]any
			if err := json.Unmarshal(data, &m); err != nil {
				t.Fatal(err)
			}
			change(m)
			if data, err = json.Marshal(m); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, entry{name: f.Name, data: data})
	}
	return out
}

// TestHostile: whatever a file claims, it is refused with what is wrong and what to do.
func TestHostile(t *testing.T) {
	t.Parallel()
	run := func(m map[string]any) map[string]any { return m["run"].(map[string]any) }
	part := func(m map[string]any, name string) map[string]any {
		return m["parts"].(map[string]any)[name].(map[string]any)
	}
	changed := func(change func(map[string]any)) string { return zipOf(t, entriesOf(t, change)...) }
	with := func(more ...entry) string { return zipOf(t, append(entriesOf(t, nil), more...)...) }
	without := func(at int) string {
		list := entriesOf(t, nil)
		return zipOf(t, append(list[:at:at], list[at+1:]...)...)
	}
	altered := func(at int, e entry) string {
		list := entriesOf(t, nil)
		if e.name == "" {
			e.name = list[at].name
		}
		list[at] = e
		return zipOf(t, list...)
	}
	for _, c := range []struct{ name, path, want string }{
		{"no zip", func() string {
			path := filepath.Join(t.TempDir(), "x.zip")
			if err := os.WriteFile(path, []byte("hello"), 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}(), "it is no zip file, or one that is cut off"},
		{"nothing there", "nowhere.zip", "there is no file nowhere.zip"},
		{"another zip", zipOf(t, entry{name: "a"}), "it is a zip file without manifest.json"},
		{"newer", changed(func(m map[string]any) { m["version"] = 2 }), "it is a package of version 2, and this program knows those up to 1\n  hint: use the runner that wrote it, or a newer one"},
		{"older than the first", changed(func(m map[string]any) { m["version"] = 0 }), "says version 0"},
		{"another format", changed(func(m map[string]any) { m["format"] = "bundle" }), `says the format "bundle", a package's is "vertebra package"`},
		{"unknown field", changed(func(m map[string]any) { run(m)["mirror"] = true }), `unknown field "mirror"`},
		{"wrong type", changed(func(m map[string]any) { m["run"] = 3 }), "manifest.json: json: cannot unmarshal number"},
		{"no JSON", altered(5, entry{data: []byte("{")}), "manifest.json: unexpected end of JSON input"},
		{"path that climbs", changed(func(m map[string]any) { m["parts"].(map[string]any)["../x"] = part(m, CardName) }), `a part is called "../x"`},
		{"path from the root", changed(func(m map[string]any) { m["parts"].(map[string]any)["/etc/x"] = part(m, CardName) }), `a part is called "/etc/x"`},
		{"path of Windows", changed(func(m map[string]any) { m["parts"].(map[string]any)[`c:\x`] = part(m, CardName) }), "which is no name inside a package"},
		{"no hash", changed(func(m map[string]any) { part(m, CardName)["sha256"] = "" }), `the part README.md has "" in place of a SHA-256`},
		{"fewer than no bytes", changed(func(m map[string]any) { part(m, CardName)["bytes"] = -1 }), "is to have -1 bytes"},
		{"other size", changed(func(m map[string]any) { part(m, CardName)["bytes"] = 4 }), "its part README.md has 3 bytes, the manifest says 4"},
		{"no nets", changed(func(m map[string]any) { delete(run(m), "nets") }), "it must list either nets or members"},
		{"no image", changed(func(m map[string]any) { delete(run(m), "image") }), "it must say what an image is"},
		{"no experiment", changed(func(m map[string]any) { run(m)["experiment"] = "other.yaml" }), `its experiment is the part "other.yaml", which is not listed`},
		{"weights elsewhere", changed(func(m map[string]any) { run(m)["nets"].([]any)[0].(map[string]any)["weights"] = "/dev/zero" }), `its weights are the part "/dev/zero", which is not listed`},
		{"outliers elsewhere", changed(func(m map[string]any) { run(m)["nets"].([]any)[1].(map[string]any)["outliers"] = "/dev/zero" }), `what the images of its training are like is the part "/dev/zero", which is not listed`},
		{"a fold twice", changed(func(m map[string]any) { run(m)["nets"].([]any)[0].(map[string]any)["fold"] = 2 }), "of its 2 nets one has the fold 2"},
		{"no probe", changed(func(m map[string]any) { delete(run(m)["nets"].([]any)[0].(map[string]any), "probe") }), "nothing says what the net fold-1 answers to noise"},
		{"no name", changed(func(m map[string]any) { run(m)["id"] = "" }), `the run "" has no name`},
		{"sequences of a terminal", changed(func(m map[string]any) { run(m)["id"] = "x\x1b[2J" }), "has characters that no text has"},
		{"sequences in a fact", changed(func(m map[string]any) { run(m)["facts"] = map[string]any{"classes": []string{"no", "yes\x1b[2J"}} }), `"yes\x1b[2J" has characters that no text has`},
		{"sequences in a name", changed(func(m map[string]any) { run(m)["facts"] = map[string]any{"\x1b[2J": "x"} }), "has characters that no text has"},
		{"a folder", t.TempDir(), "is a folder"},
		{"part missing", without(2), "its part weights/fold-1.safetensors is missing"},
		{"card missing", without(0), "its part README.md is missing"},
		{"part more", with(entry{name: "../../evil.sh", data: []byte("x")}), `it holds a part "../../evil.sh" that its manifest does not list`},
		{"part twice", with(entry{name: CardName, data: []byte("# x")}), `it holds two parts that are called "README.md"`},
		{"bomb", altered(2, entry{data: []byte("x"), method: zip.Deflate, claim: 1 << 40}), "its part weights/fold-1.safetensors has 1099511627776 bytes, the manifest says 3"},
		{"stored bomb", altered(2, entry{data: []byte("x"), claim: 1 << 40}), "its parts claim more bytes than the"},
	} {
		_, err := Open(c.path)
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "\n  hint: ") {
			t.Errorf("%s: got %v, want %q and a hint", c.name, err, c.want)
		}
	}
	many := make([]entry, 0, mostParts+1)
	for range mostParts + 1 {
		many = append(many, entry{name: "a"})
	}
	if _, err := Open(zipOf(t, many...)); err == nil || !strings.Contains(err.Error(), "it holds 10001 parts") {
		t.Errorf("got %v", err)
	}
}

// TestDamagedParts: what a manifest cannot show is found when a part is read.
func TestDamagedParts(t *testing.T) {
	t.Parallel()
	read := func(change func([]entry)) error {
		list := entriesOf(t, nil)
		change(list)
		p, err := Open(zipOf(t, list...))
		if err != nil {
			t.Fatal(err)
		}
		_, err = p.Weights(p.Run.Nets[0]).Read()
		if also := p.Verify(t.Context()); also == nil || err == nil || also.Error() != err.Error() {
			t.Errorf("read: %v; verified: %v", err, also)
		}
		return err
	}
	if err := read(func(list []entry) { list[2].data = []byte("eno") }); err == nil || !strings.Contains(err.Error(), "its part weights/fold-1.safetensors is not what was packed") {
		t.Errorf("other bytes: got %v", err)
	}
	again := entriesOf(t, func(m map[string]any) {
		sum := sha256.Sum256([]byte("name: \x1b\n"))
		m["parts"].(map[string]any)["experiment.yaml"].(map[string]any)["sha256"] = hex.EncodeToString(sum[:])
	})
	again[1].data = []byte("name: \x1b\n")
	p, err := Open(zipOf(t, again...))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Text("experiment.yaml"); err == nil || !strings.Contains(err.Error(), "its part experiment.yaml has characters that no text has") {
		t.Errorf("sequences of a terminal: got %v", err)
	}
	if err := read(func(list []entry) { list[2].method = zip.Deflate }); err == nil || !strings.Contains(err.Error(), "its part weights/fold-1.safetensors is compressed") {
		t.Errorf("compressed: got %v", err)
	}
}

// TestCutOff: no beginning of a package is taken for one, and a flipped bit is found.
func TestCutOff(t *testing.T) {
	t.Parallel()
	path, _ := written(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	try := func(data []byte) error {
		a, err := openArchive(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return err
		}
		m, err := a.manifest()
		for name, part := range m.Parts {
			if err == nil {
				_, err = a.part(name, part, 1<<20)
			}
		}
		return err
	}
	if err := try(whole); err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		if try(whole[:n]) == nil {
			t.Errorf("%d of %d bytes were accepted", n, len(whole))
		}
	}
	list, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list.File {
		at, err := e.DataOffset()
		if err != nil {
			t.Fatal(err)
		}
		flipped := bytes.Clone(whole)
		flipped[at+1] ^= 1
		if try(flipped) == nil {
			t.Errorf("a flipped bit in %s was accepted", e.Name)
		}
	}
}

// FuzzOpen: no bytes make the reader panic or take memory that they do not justify, and what it
// takes is whole.
func FuzzOpen(f *testing.F) {
	path, _ := written(f)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	for at, old := range map[string]string{"fold-1": "fold-2", `"version": 1`: `"version": 9`} {
		f.Add(bytes.ReplaceAll(whole, []byte(at), []byte(old)))
	}
	if end := bytes.LastIndex(whole, []byte("PK\x05\x06")); end > 0 {
		more := bytes.Clone(whole)
		binary.LittleEndian.PutUint16(more[end+10:], 0xffff)
		f.Add(more)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := openArchive(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		m, err := a.manifest()
		if err != nil {
			if fault := (stage.Fault{}); !errors.As(err, &fault) {
				t.Errorf("an error without a hint: %v", err)
			}
			return
		}
		for name, part := range m.Parts {
			if data, err := a.part(name, part, 1<<20); err == nil && int64(len(data)) != part.Bytes {
				t.Errorf("%s has %d bytes, the manifest says %d", name, len(data), part.Bytes)
			}
		}
	})
}

// FuzzManifest: no manifest makes the reader panic, and one that is taken names parts alone
// that it lists.
func FuzzManifest(f *testing.F) {
	m, _ := sample()
	m.Format, m.Version, m.Parts = Format, Version, map[string]Part{}
	for _, name := range []string{CardName, "experiment.yaml", "weights/fold-1.safetensors", "weights/fold-2.safetensors"} {
		m.Parts[name] = Part{1, strings.Repeat("0", 64)}
	}
	whole, err := json.Marshal(m)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add([]byte(`{"format":"vertebra package","version":1,"members":[{"nets":[{}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := readManifest(data)
		if err != nil {
			return
		}
		for _, r := range append([]Run{m.Run}, m.Members...) {
			_ = r.Fact("classes")
			for _, net := range r.Nets {
				if _, listed := m.Parts[net.Weights]; !listed || net.Place() == "" {
					t.Errorf("the net %+v is in no part", net)
				}
			}
		}
	})
}

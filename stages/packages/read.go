package packages

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vertebra/stages/stage"
)

// The largest that are taken.
const (
	mostManifest = 16 << 20 // bytes
	mostText     = 16 << 20 // bytes of a part that is text
	mostParts    = 10_000
)

const notOurs = "runner export package RUN FILE.zip writes packages of finished runs"

// Package is a package whose manifest was read. Its parts are read when they are asked for,
// and held against their hashes then.
type Package struct {
	Manifest
	path string
}

// Names says whether a word names a package, and no run.
func Names(word string) bool { return strings.EqualFold(filepath.Ext(word), ".zip") }

// Open reads the manifest of a package, and sees that all its parts are there. It takes no
// more memory than a small multiple of the manifest and the list of parts.
func Open(path string) (*Package, error) {
	p := &Package{path: path}
	err := p.within(func(a *archive) (err error) {
		p.Manifest, err = a.manifest()
		return err
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Is says whether a file is a package, of whatever version.
func Is(path string) bool {
	p := &Package{path: path}
	return p.within(func(a *archive) error {
		data, err := a.read(manifestName, mostManifest)
		if err == nil && !strings.Contains(string(data[:min(len(data), 200)]), `"`+Format+`"`) {
			err = errors.New("something else")
		}
		return err
	}) == nil
}

// Path is where the package lies.
func (p *Package) Path() string { return p.path }

// Text gives a part that is text, such as an experiment. It has no characters that would do
// something to a terminal.
func (p *Package) Text(name string) (text string, err error) {
	err = p.within(func(a *archive) error {
		data, err := a.part(name, p.Parts[name], mostText)
		text = string(data)
		if err == nil && !printable(withoutLines.Replace(text)) {
			err = stage.Fault{Err: fmt.Errorf("its part %s has characters that no text has", name), Hint: sendAgain}
		}
		return err
	})
	return text, err
}

// withoutLines takes away what may stand in a text of several lines.
var withoutLines = strings.NewReplacer("\n", "", "\t", "")

func printable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// Verify reads all parts and holds them against their hashes.
func (p *Package) Verify(ctx context.Context) error {
	return p.within(func(a *archive) error {
		for _, name := range slices.Sorted(maps.Keys(p.Parts)) {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			if _, err := a.part(name, p.Parts[name], a.size); err != nil {
				return err
			}
		}
		return nil
	})
}

// Weights are those of a net in the package.
func (p *Package) Weights(of Net) Weights { return Weights{p, of.Weights} }

// Finder are the weights of a net that finds points, and what it knows of them.
func (p *Package) Finder(of Locate) (weights, points Weights) {
	return Weights{p, of.Weights}, Weights{p, of.Points}
}

// Outliers are what a net's training has learnt of its images.
func (p *Package) Outliers(of Net) Weights { return Weights{p, of.Outliers} }

// Weights are a part of a package: a safetensors file, or what is known besides.
type Weights struct {
	of   *Package
	name string
}

// Find gives the name of the part behind the package's.
func (w Weights) Find() (string, error) { return w.of.path + "#" + w.name, nil }

// Read reads the part.
func (w Weights) Read() (data []byte, err error) {
	err = w.of.within(func(a *archive) (err error) {
		data, err = a.part(w.name, w.of.Parts[w.name], a.size)
		return err
	})
	return data, err
}

// within opens the file for as long as something is done with it.
func (p *Package) within(do func(*archive) error) error {
	f, err := os.Open(p.path)
	if errors.Is(err, fs.ErrNotExist) {
		return stage.Fault{Err: fmt.Errorf("there is no file %s", p.path), Hint: notOurs}
	}
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = stage.Fault{Err: fmt.Errorf("%s is a folder", p.path), Hint: notOurs}
	} else if err == nil {
		var a *archive
		if a, err = openArchive(f, info.Size()); err == nil {
			err = do(a)
		}
		if err != nil {
			err = fmt.Errorf("package %s: %w", p.path, err)
		}
	}
	return errors.Join(err, f.Close())
}

// archive is a zip file whose entries are bounded by its size.
type archive struct {
	size    int64
	entries map[string]*zip.File
}

// openArchive lists the entries. Nothing of one is read that is not whole in the file: stored
// bytes are as many as they claim, and all together no more than the file has.
func openArchive(r io.ReaderAt, size int64) (*archive, error) {
	z, err := zip.NewReader(r, size)
	switch {
	case errors.Is(err, zip.ErrFormat) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return nil, stage.Fault{Err: errors.New("it is no zip file, or one that is cut off"), Hint: sendAgain + "; " + notOurs}
	case err != nil && !errors.Is(err, zip.ErrInsecurePath): // names are never made paths
		return nil, stage.Fault{Err: err, Hint: sendAgain}
	case len(z.File) > mostParts:
		return nil, stage.Fault{Err: fmt.Errorf("it holds %d parts, and a package at most %d", len(z.File), mostParts), Hint: notOurs}
	}
	a := &archive{size: size, entries: map[string]*zip.File{}}
	left := uint64(size)
	for _, e := range z.File {
		if a.entries[e.Name] != nil {
			return nil, stage.Fault{Err: fmt.Errorf("it holds two parts that are called %q", e.Name), Hint: sendAgain}
		}
		if e.CompressedSize64 > left {
			return nil, stage.Fault{Err: fmt.Errorf("its parts claim more bytes than the %d of the file", size), Hint: sendAgain}
		}
		left -= e.CompressedSize64
		a.entries[e.Name] = e
	}
	return a, nil
}

// manifest reads the manifest and holds it against the entries.
func (a *archive) manifest() (m Manifest, err error) {
	data, err := a.read(manifestName, mostManifest)
	if err != nil {
		return m, err
	}
	if m, err = readManifest(data); err != nil {
		return m, err
	}
	for name, part := range m.Parts {
		entry := a.entries[name]
		if entry == nil {
			return m, stage.Fault{Err: fmt.Errorf("its part %s is missing", name), Hint: sendAgain}
		}
		if entry.UncompressedSize64 != uint64(part.Bytes) {
			return m, stage.Fault{Err: fmt.Errorf("its part %s has %d bytes, the manifest says %d", name, entry.UncompressedSize64, part.Bytes), Hint: sendAgain}
		}
	}
	for name := range a.entries {
		if _, listed := m.Parts[name]; !listed && name != manifestName {
			return m, stage.Fault{Err: fmt.Errorf("it holds a part %q that its manifest does not list", name), Hint: "take the file as runner export package wrote it, without packing it again"}
		}
	}
	return m, nil
}

// read reads an entry of at most so many bytes.
func (a *archive) read(name string, most int64) ([]byte, error) {
	entry := a.entries[name]
	switch {
	case entry == nil && name == manifestName:
		return nil, stage.Fault{Err: fmt.Errorf("it is a zip file without %s", manifestName), Hint: notOurs}
	case entry == nil:
		return nil, stage.Fault{Err: fmt.Errorf("its part %s is missing", name), Hint: sendAgain}
	case entry.Method != zip.Store || entry.CompressedSize64 != entry.UncompressedSize64:
		return nil, stage.Fault{Err: fmt.Errorf("its part %s is compressed, which those of packages are not", name), Hint: "take the file as runner export package wrote it, without packing it again"}
	case entry.UncompressedSize64 > uint64(most):
		return nil, stage.Fault{Err: fmt.Errorf("its part %s has %d bytes, and may have %d", name, entry.UncompressedSize64, most), Hint: sendAgain}
	}
	r, err := entry.Open()
	if err != nil {
		return nil, stage.Fault{Err: fmt.Errorf("its part %s: %w", name, err), Hint: sendAgain}
	}
	data := make([]byte, entry.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, errors.Join(stage.Fault{Err: fmt.Errorf("its part %s: %w", name, err), Hint: sendAgain}, r.Close())
	}
	return data, r.Close()
}

// part reads an entry and holds it against what the manifest says of it.
func (a *archive) part(name string, of Part, most int64) ([]byte, error) {
	data, err := a.read(name, most)
	if err != nil {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != of.SHA256 {
		return nil, stage.Fault{Err: fmt.Errorf("its part %s is not what was packed: the manifest has another SHA-256", name), Hint: sendAgain}
	}
	return data, nil
}

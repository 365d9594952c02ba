package packages

import (
	"archive/zip"
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"vertebra/stages/stage"
)

// Content is a part to be written: its name, and how its bytes are had.
type Content struct {
	Name string
	Make func() ([]byte, error)
}

// Write writes a package with these parts, of which the manifest names some. At any moment
// the path holds what it held before or the whole package. Of the same contents it makes the
// same bytes. sum is the SHA-256 of the file.
func Write(ctx context.Context, path string, m Manifest, parts []Content) (sum string, err error) {
	temp, err := stage.CreateTemp(filepath.Dir(path), ".package-*")
	if err != nil {
		return "", stage.CannotWrite(path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, temp.Close(), os.Remove(temp.Name()))
		}
	}()
	digest := sha256.New()
	buffer := bufio.NewWriterSize(io.MultiWriter(temp, digest), 1<<20)
	p := packer{zip.NewWriter(buffer), path}
	if err := p.all(ctx, m, parts); err != nil {
		return "", err
	}
	if err := errors.Join(buffer.Flush(), temp.Sync()); err != nil {
		return "", stage.CannotWrite(path, err)
	}
	if _, err := Open(temp.Name()); err != nil { // as whoever gets it will
		return "", fmt.Errorf("reading the package back: %w", err)
	}
	if err := os.Rename(temp.Name(), path); err != nil {
		return "", stage.CannotWrite(path, err)
	}
	return hex.EncodeToString(digest.Sum(nil)), temp.Close()
}

type packer struct {
	zip  *zip.Writer
	path string // to be written
}

// all writes the parts, one at a time in memory, and then the manifest, which has their sums.
func (p packer) all(ctx context.Context, m Manifest, parts []Content) error {
	m.Format, m.Version, m.Parts = Format, Version, map[string]Part{}
	for _, one := range parts {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		data, err := one.Make()
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		m.Parts[one.Name] = Part{int64(len(data)), hex.EncodeToString(sum[:])}
		if err := p.store(one.Name, data); err != nil {
			return err
		}
	}
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	if err := p.store(manifestName, append(text, '\n')); err != nil {
		return err
	}
	if err := p.zip.Close(); err != nil {
		return stage.CannotWrite(p.path, err)
	}
	return nil
}

// firstDay is 1 January 1980, the first that zip files know: parts have no time of their own.
// It goes into a header as MS-DOS writes it: CreateRaw leaves the newer field Modified alone.
const firstDay = 1<<5 | 1

// store writes an entry as it is. Its size and sum stand before it, so that programs can
// read it that read from front to back.
func (p packer) store(name string, data []byte) error {
	w, err := p.zip.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Store, CRC32: crc32.ChecksumIEEE(data),
		ModifiedDate:     firstDay, //nolint:staticcheck // see there
		CompressedSize64: uint64(len(data)), UncompressedSize64: uint64(len(data)),
	})
	if err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		return stage.CannotWrite(p.path, err)
	}
	return nil
}

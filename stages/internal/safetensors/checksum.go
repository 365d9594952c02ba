package safetensors

import (
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
)

// The metadata of each file that is written hold a checksum of its numbers, which the format
// has none of: a block that a disk lost would be other weights, and nobody would know.
// Whoever changes numbers on purpose leaves this out.
const checksumKey = "crc32c" // the checksum of RFC 3720, of all bytes after the header, in hexadecimal digits

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// summed gives metadata with the checksum of what write writes.
func summed(metadata map[string]string, write func(io.Writer) error) (map[string]string, error) {
	sum := crc32.New(castagnoli)
	if err := write(sum); err != nil {
		return nil, err
	}
	out := map[string]string{checksumKey: fmt.Sprintf("%08x", sum.Sum32())}
	maps.Copy(out, metadata)
	return out, nil
}

// verify refuses numbers that are not those that were written. It takes the checksum out;
// files of other programs have none.
func (f *File) verify(body []byte) error {
	want, ok := f.Metadata[checksumKey]
	if !ok {
		return nil
	}
	if delete(f.Metadata, checksumKey); len(f.Metadata) == 0 {
		f.Metadata = nil
	}
	if got := fmt.Sprintf("%08x", crc32.Checksum(body, castagnoli)); got != want {
		return errors.New("its numbers are not those that were written (metadata " + checksumKey + "): a disk or a copy damaged it")
	}
	return nil
}

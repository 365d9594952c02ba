package dicom

import (
	"crypto/sha256"
	"encoding/binary"
)

// Hash is SHA-256 of a picture: its size and its stored values. The same picture
// has the same hash in every lossless transfer syntax.
func (s Stored) Hash() [sha256.Size]byte {
	hash := sha256.New()
	buffer := binary.LittleEndian.AppendUint64(nil, uint64(s.Rows)<<32|uint64(s.Columns))
	for i, v := range s.Values {
		buffer = binary.LittleEndian.AppendUint32(buffer, uint32(v))
		if len(buffer) >= 8192 || i == len(s.Values)-1 {
			hash.Write(buffer)
			buffer = buffer[:0]
		}
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

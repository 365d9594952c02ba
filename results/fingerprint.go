package results

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// FingerprintOf is SHA-256 of texts, each with its length, so that no other texts run together
// into the same.
func FingerprintOf(texts []string) string {
	h := sha256.New()
	for _, text := range texts {
		fmt.Fprintf(h, "%d %s\n", len(text), text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

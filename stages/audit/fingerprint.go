package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"

	"vertebra/stages/stage"
)

// fingerprint is the SHA-256 of everything that defines the data: the classes,
// and each case's id, label, point, split, and its image's path below the root
// and size. So it does not depend on where the data lies.
func fingerprint(root string, c Cases, heads headers) string {
	h, line := sha256.New(), []byte(nil)
	fmt.Fprintf(h, "%q\n", c.Classes)
	for _, one := range c.Cases {
		line = appendCase(line[:0], root, one, heads[one.Image].Size)
		h.Write(line)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func appendCase(line []byte, root string, c stage.Case, size int64) []byte {
	path, err := filepath.Rel(root, c.Image)
	if err != nil {
		path = c.Image
	}
	x, y := "", ""
	if c.Point != nil {
		x, y = strconv.FormatFloat(c.Point.X, 'g', -1, 64), strconv.FormatFloat(c.Point.Y, 'g', -1, 64)
	}
	line = append(strconv.AppendQuote(line, c.ID), ' ')
	line = append(strconv.AppendInt(line, int64(c.Label), 10), ' ')
	for _, text := range []string{x, y, filepath.ToSlash(path)} {
		line = append(strconv.AppendQuote(line, text), ' ')
	}
	line = append(strconv.AppendInt(line, size, 10), ' ')
	return append(strconv.AppendQuote(line, string(c.Split)), '\n')
}

package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
)

// fingerprint is the SHA-256 of everything that defines the data: the classes,
// and each case's id, label, point, split, and its image's path below the root
// and size. So it does not depend on where the data lies.
func fingerprint(root string, c Cases, heads headers) string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", c.Classes)
	for _, one := range c.Cases {
		path, err := filepath.Rel(root, one.Image)
		if err != nil {
			path = one.Image
		}
		x, y := "", ""
		if one.Point != nil {
			x, y = strconv.FormatFloat(one.Point.X, 'g', -1, 64), strconv.FormatFloat(one.Point.Y, 'g', -1, 64)
		}
		fmt.Fprintf(h, "%q %d %q %q %q %d %q\n", one.ID, one.Label, x, y, filepath.ToSlash(path), heads[one.Image].Size, one.Split)
	}
	return hex.EncodeToString(h.Sum(nil))
}

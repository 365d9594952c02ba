package audit

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"vertebra/stages/internal/headers"
	"vertebra/stages/stage"
)

// fingerprint is the SHA-256 of everything that defines the data: the classes,
// and each case's id, label, point, split, its image's path below the root and
// size, the same of its views, and its target, if there are several. So it does not
// depend on where the data lies.
func fingerprint(root string, c Cases, heads headers.ByPath) string {
	h, line, folder := sha256.New(), []byte(nil), filepath.Clean(root)+string(filepath.Separator)
	fmt.Fprintf(h, "%q\n", c.Classes)
	if c.Among != nil {
		fmt.Fprintln(h, c.Among)
	}
	for i := range c.Cases {
		one := &c.Cases[i]
		line = appendCase(line[:0], root, folder, one, heads[one.Image].Size)
		for _, m := range one.Views {
			size := int64(0)
			if h := heads[m.Image]; h != nil { // it is not blank
				size = h.Size
			}
			line = appendView(line, root, folder, m, size)
		}
		if len(c.Targets) > 0 {
			line = append(stage.AppendQuoted(line, c.Targets[one.Target]), '\n')
		}
		h.Write(line)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func appendCase(line []byte, root, folder string, c *stage.Case, size int64) []byte {
	line = append(stage.AppendQuoted(line, c.ID), ' ')
	line = append(strconv.AppendInt(line, int64(c.Label), 10), ' ')
	if c.Point == nil {
		line = append(line, `"" "" `...)
	} else {
		line = append(strconv.AppendFloat(append(line, '"'), c.Point.X, 'g', -1, 64), `" "`...)
		line = append(strconv.AppendFloat(line, c.Point.Y, 'g', -1, 64), `" `...)
	}
	line = append(stage.AppendQuoted(line, filepath.ToSlash(below(root, folder, c.Image))), ' ')
	line = append(strconv.AppendInt(line, size, 10), ' ')
	line = stage.AppendQuoted(line, string(c.Split))
	if c.Turns != nil {
		line = append(append(line, ' '), turnsText(c.Turns)...)
	}
	return append(line, '\n')
}

func appendView(line []byte, root, folder string, m stage.Mark, size int64) []byte {
	line = append(stage.AppendQuoted(line, filepath.ToSlash(below(root, folder, m.Image))), ' ')
	line = append(strconv.AppendInt(line, size, 10), ' ')
	switch {
	case m.Point != nil:
		line = append(strconv.AppendFloat(line, m.Point.X, 'g', -1, 64), ' ')
		return append(strconv.AppendFloat(line, m.Point.Y, 'g', -1, 64), '\n')
	case blank(m):
		return append(line, "0 0\n"...)
	}
	return append(line, "\"\" \"\"\n"...)
}

// below is the path of a file below a root, or the path itself where there is none.
// Most paths begin with the root's folder and are plain; filepath.Rel takes others
// apart.
func below(root, folder, path string) string {
	const separator = string(filepath.Separator)
	if rest, under := strings.CutPrefix(path, folder); under && rest != "" {
		end := path[len(folder)-1:]
		if !strings.HasSuffix(end, separator) && !strings.Contains(end, separator+separator) && !strings.Contains(end, separator+".") {
			return rest
		}
	}
	if rel, err := filepath.Rel(root, path); err == nil {
		return rel
	}
	return path
}

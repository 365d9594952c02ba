package preprocess

import "os"

// writeParts writes parts one after the other, from a place in a file on.
func writeParts(f *os.File, parts [][]byte, at int64) error {
	written, err := writeAtOnce(f, parts, at)
	for _, part := range parts {
		if err != nil {
			return err
		}
		done := min(written, len(part))
		if written -= done; done < len(part) {
			_, err = f.WriteAt(part[done:], at+int64(done))
		}
		at += int64(len(part))
	}
	return err
}

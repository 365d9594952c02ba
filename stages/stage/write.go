package stage

import (
	"errors"
	"fmt"
	"os"
)

// CannotWrite is what whoever asked for a file is told, without the temporary name that it
// had until it was whole.
func CannotWrite(path string, err error) error {
	var where *os.PathError
	var both *os.LinkError
	switch {
	case errors.As(err, &where):
		err = where.Err
	case errors.As(err, &both):
		err = both.Err
	}
	return Fault{Err: fmt.Errorf("%s cannot be written: %w", path, err), Hint: "name a file in a folder that is there and may be written to"}
}

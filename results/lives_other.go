//go:build !linux

package results

import (
	"errors"
	"os"
)

func lockByte(*os.File, int64) error { return errors.ErrUnsupported }

func unlockByte(*os.File, int64) error { return errors.ErrUnsupported }

func byteIsLocked(*os.File, int64) bool { return false }

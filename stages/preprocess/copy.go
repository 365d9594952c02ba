package preprocess

import (
	"fmt"
	"runtime/debug"

	"vertebra/stages/stage"
)

// CopyTo copies the pixels of the image of case i, as Bytes gives them. A file that cannot be
// read any more, because its disk fails or somebody cut it, is an error here; where the map is
// read otherwise it is the end of the process.
func (im *Images) CopyTo(to []byte, i int) (n int, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // of this goroutine
	defer func() {
		switch p := recover().(type) {
		case nil:
		case interface{ Addr() uintptr }: // of the runtime, for a fault
			err = stage.Failure{What: stage.Machine, Err: stage.Fault{
				Err:  fmt.Errorf("the cached image of %s cannot be read any more: its disk fails, or somebody cut the file", im.Cases[i].ID),
				Hint: "delete the images with runner cache clear, and they are made again; look at what the system says of the disk (dmesg)",
			}}
		default:
			panic(p)
		}
	}()
	return copy(to, im.Bytes(i)), nil
}

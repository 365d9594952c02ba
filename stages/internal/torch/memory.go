package torch

import (
	"errors"
	"regexp"
	"strings"
)

// ErrOutOfMemory is what errors.Is finds in an error of an operation that the
// device had no memory for. The engine goes on working; what the scope made is
// freed with the scope.
var ErrOutOfMemory = errors.New("out of memory")

// outOfMemory is libtorch's message about memory.
type outOfMemory struct{ text string }

func (o outOfMemory) Error() string { return o.text }

func (outOfMemory) Is(target error) bool { return target == ErrOutOfMemory }

// exhausted knows the messages of the CUDA allocator, of the driver and the libraries
// beside it, and of the CPU's allocators.
var exhausted = regexp.MustCompile(`CUDA out of memory|CUDA (driver )?error: out of memory|(CUBLAS|CUDNN)_STATUS_ALLOC_FAILED|` +
	`DefaultCPUAllocator: (can't allocate|not enough) memory|std::bad_alloc`)

// torchError gives libtorch's text its type.
func torchError(text string) error {
	if exhausted.MatchString(text) {
		return outOfMemory{firstSentences(text)}
	}
	return errors.New(withoutAdvice(text))
}

// withoutAdvice leaves out what CUDA's messages say to programmers of C++.
func withoutAdvice(text string) string {
	for _, mark := range []string{"\nSearch for `cuda", "\nCUDA kernel errors might be"} {
		if i := strings.Index(text, mark); i >= 0 {
			text = text[:i]
		}
	}
	return text
}

// firstSentences leaves out libtorch's advice about Python's settings.
func firstSentences(text string) string {
	if i := strings.Index(text, " If reserved but unallocated memory"); i >= 0 {
		text = text[:i]
	}
	return text
}

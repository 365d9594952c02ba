package stage

// The kinds of failures that programs tell apart.
const (
	OutOfMemory = "out of memory"
	NotANumber  = "not a number"
	BadData     = "data"
)

// Failure is an error of a kind. Results store the kind beside the words, and a
// sweep does something about it.
type Failure struct {
	What string // one of the kinds
	Err  error
}

func (f Failure) Error() string { return f.Err.Error() }

// Unwrap gives the error without its kind.
func (f Failure) Unwrap() error { return f.Err }

// Kind is what results store.
func (f Failure) Kind() string { return f.What }

package stage

import "errors"

// ErrEnough, as the answer of Env.Ask, ends a training as if it had had all its
// epochs: what there is is evaluated.
var ErrEnough = errors.New("enough")

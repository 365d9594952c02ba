package stage

import "errors"

// ErrEnough is the answer of Env.BetweenEpochs that ends a training as if it had had all its
// epochs: what there is is evaluated.
var ErrEnough = errors.New("enough")

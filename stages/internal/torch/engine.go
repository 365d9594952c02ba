// Package torch owns every tensor's life: it is the only importer of gotch.
//
// One goroutine, locked to its OS thread, makes every call into libtorch (grad
// mode, error text, CUDA handles and OpenMP teams are all per thread). Work is
// handed to it with Engine.Do; inside, a Scope makes tensors and frees them.
package torch

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// ErrClosed is what Do returns once the engine is closed.
var ErrClosed = errors.New("the torch engine is closed")

// Options say how an engine works.
type Options struct {
	// Device is "auto", "cpu", "cuda" or "cuda:<index>".
	Device string
	// Threads is how many threads one operation may use; 0 leaves it to libtorch.
	Threads int
	// Deterministic asks for algorithms that give the same bits each time.
	Deterministic bool
}

// Engine runs work on one locked thread and one device.
type Engine struct {
	device Device
	calls  chan call
	gone   chan struct{}
	close  sync.Once
	live   int // tensors that scopes own; touched on the engine's thread only

	recording bool // a Graph, see there; likewise
	tracing   bool // a Script, see Trace; likewise
	// Whether only what gives the same bits each time is taken, and attention fused (see
	// Pass.attend); likewise.
	deterministic, fused bool
}

type call struct {
	work  func(*Scope) error
	reply chan error
}

// Open starts an engine. The caller closes it.
func Open(o Options) (*Engine, error) {
	e := &Engine{calls: make(chan call), gone: make(chan struct{})}
	started := make(chan error)
	go e.loop(o, started)
	if err := <-started; err != nil {
		return nil, err
	}
	return e, nil
}

// loop never unlocks its thread: the thread ends with the goroutine and takes
// its grad mode and OpenMP team along.
func (e *Engine) loop(o Options, started chan<- error) {
	runtime.LockOSThread()
	err := e.start(o)
	started <- err
	if err != nil {
		return
	}
	for {
		select {
		case c := <-e.calls:
			c.reply <- e.run(c.work)
		case <-e.gone:
			return
		}
	}
}

func (e *Engine) start(o Options) (err error) {
	if o.Threads > 0 {
		if err := setThreads(o.Threads); err != nil {
			return fmt.Errorf("setting %d threads: %w", o.Threads, err)
		}
	}
	if err := errors.Join(setDeterministic(o.Deterministic), setTF32(false)); err != nil {
		return err
	}
	e.deterministic, e.fused = o.Deterministic, !o.Deterministic && HasFusedAttention()
	if e.device, err = pickDevice(o.Device); err != nil || !e.device.CUDA {
		return err
	}
	return useDevice(e.device.Index)
}

// Device says where the engine's tensors live.
func (e *Engine) Device() Device { return e.device }

// Do runs work on the engine's thread with a scope of its own, whose tensors
// are freed when work returns. It gives back work's error, or the first error
// an operation of the scope met. Work must not call Do of the same engine.
func (e *Engine) Do(ctx context.Context, work func(*Scope) error) error {
	c := call{work: work, reply: make(chan error, 1)}
	select {
	case e.calls <- c:
		return <-c.reply
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-e.gone:
		return ErrClosed
	}
}

// Deterministic says for the whole process whether only algorithms that give the
// same bits each time are taken.
func (s *Scope) Deterministic(on bool) {
	s.engine.deterministic, s.engine.fused = on, !on && HasFusedAttention()
	s.Fail(setDeterministic(on))
}

// Close stops the thread once the work under way has ended. What stores and
// optimizers still hold is lost to libtorch: close those first.
func (e *Engine) Close() error {
	e.close.Do(func() { close(e.gone) })
	return nil
}

// LiveTensors is how many tensors scopes own; for tests and memory records.
func (e *Engine) LiveTensors(ctx context.Context) (n int, err error) {
	err = e.Do(ctx, func(*Scope) error { n = e.live; return nil })
	return n, err
}

func (e *Engine) run(work func(*Scope) error) (err error) {
	s := &Scope{engine: e}
	defer s.free()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("internal error on the torch thread: %v\n%s", p, debug.Stack())
		}
	}()
	if err := work(s); err != nil {
		return err
	}
	return s.err
}

package preprocess

import (
	"context"
	"sync"
	"sync/atomic"
)

// sequencer puts the results of jobs into one order, whichever worker ends first.
type sequencer struct {
	write func(record) error // has one written some day; under the lock
	after func()             // writes them; without the lock

	lock    sync.Mutex
	changed *sync.Cond
	next    atomic.Int64 // the job whose turn it is; changed under the lock
	waiting map[int][]record
	bytes   int // in waiting
}

// record is a result to be stored; data begin with room for recordHead bytes.
type record struct {
	to   *results
	key  key
	data []byte
}

// waitingMost is how many bytes may wait for their turn, and then to be written.
const waitingMost = 64 << 20

func newSequencer(write func(record) error, after func()) *sequencer {
	s := &sequencer{write: write, after: after, waiting: map[int][]record{}}
	s.changed = sync.NewCond(&s.lock)
	return s
}

// due says whether it is a job's turn.
func (s *sequencer) due(job int) bool { return int64(job) == s.next.Load() }

// some writes records of a job that is not finished, as soon as it is its turn.
func (s *sequencer) some(ctx context.Context, job int, records []record) error {
	defer context.AfterFunc(ctx, s.wake)()
	s.lock.Lock()
	defer s.after()
	defer s.lock.Unlock()
	for !s.due(job) {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		s.changed.Wait()
	}
	return s.all(records)
}

// last takes the last records of a job. It waits only when too much waits.
func (s *sequencer) last(ctx context.Context, job int, records []record) error {
	defer context.AfterFunc(ctx, s.wake)()
	size := 0
	for _, r := range records {
		size += len(r.data)
	}
	s.lock.Lock()
	defer s.after()
	defer s.lock.Unlock()
	for !s.due(job) && s.bytes+size > waitingMost {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		s.changed.Wait()
	}
	s.waiting[job] = records
	s.bytes += size
	for {
		next := int(s.next.Load())
		due, there := s.waiting[next]
		if !there {
			return nil
		}
		for _, r := range due {
			s.bytes -= len(r.data)
		}
		delete(s.waiting, next)
		if err := s.all(due); err != nil {
			return err
		}
		s.next.Add(1)
		s.changed.Broadcast()
	}
}

func (s *sequencer) all(records []record) error {
	for _, r := range records {
		if err := s.write(r); err != nil {
			return err
		}
	}
	return nil
}

func (s *sequencer) wake() {
	s.lock.Lock()
	defer s.lock.Unlock()
	s.changed.Broadcast()
}

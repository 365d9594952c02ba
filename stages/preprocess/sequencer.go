package preprocess

import (
	"context"
	"sync"
)

// sequencer puts the results of jobs into one order, whichever worker ends first.
type sequencer struct {
	write func(record) error

	lock    sync.Mutex
	changed *sync.Cond
	next    int // the job whose turn it is
	waiting map[int][]record
	bytes   int // in waiting
}

// record is a result to be stored; data begin with room for recordHead bytes.
type record struct {
	to   *results
	key  key
	data []byte
}

// waitingMost is how many bytes may wait for their turn.
const waitingMost = 128 << 20

func newSequencer(write func(record) error) *sequencer {
	s := &sequencer{write: write, waiting: map[int][]record{}}
	s.changed = sync.NewCond(&s.lock)
	return s
}

// due says whether it is a job's turn.
func (s *sequencer) due(job int) bool {
	s.lock.Lock()
	defer s.lock.Unlock()
	return job == s.next
}

// some writes records of a job that is not finished, as soon as it is its turn.
func (s *sequencer) some(ctx context.Context, job int, records []record) error {
	defer context.AfterFunc(ctx, s.wake)()
	s.lock.Lock()
	defer s.lock.Unlock()
	for job != s.next {
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
	s.lock.Lock()
	defer s.lock.Unlock()
	size := 0
	for _, r := range records {
		size += len(r.data)
	}
	for job != s.next && s.bytes+size > waitingMost {
		if err := context.Cause(ctx); err != nil {
			return err
		}
		s.changed.Wait()
	}
	s.waiting[job] = records
	s.bytes += size
	for {
		due, there := s.waiting[s.next]
		if !there {
			return nil
		}
		for _, r := range due {
			s.bytes -= len(r.data)
		}
		delete(s.waiting, s.next)
		if err := s.all(due); err != nil {
			return err
		}
		s.next++
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

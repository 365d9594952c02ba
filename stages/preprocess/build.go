package preprocess

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// builder is the work that goroutines share.
type builder struct {
	env   stage.Env
	chain chain
	cases audit.Cases
	cache *cache
	store *store
	hit   bool // all images were in the cache

	lock     sync.Mutex
	begun    time.Time
	finished int
	resumed  int // images that an interrupted run had finished
	rows     []row
	failed   []Remark
	warned   []Remark
	use      []StepUse
	series   StepUse // statistics of series
	full     error   // why no more results are stored; nil while they are

	kept     *results // of the step before the last; nil when none are stored
	counted  *results // statistics of series; nil when none are needed
	sequence *sequencer
	room     *room
	memory   sync.Pool // of records that are written
}

// StepUse counts, for one step, how many cases' results were computed, how many
// shared the work of another case of this run, and how many the cache had.
type StepUse struct {
	Step                     string
	Computed, Shared, Reused int
}

func newBuilder(env stage.Env, c chain, cases audit.Cases, cache *cache) *builder {
	if c.all.View {
		cases = typed(cases)
	}
	b := &builder{env: env, chain: c, cases: cases, cache: cache, rows: make([]row, len(cases.Cases)), series: StepUse{Step: "statistics of series"}}
	for _, step := range c.cfg {
		b.use = append(b.use, StepUse{Step: step.Name})
	}
	return b
}

// build runs the steps over every case, on all workers, and publishes the file.
// A worker takes a series at a time, so each file is read and decoded once.
func (b *builder) build(ctx context.Context, s *store) (err error) {
	b.store, b.sequence = s, newSequencer(b.put, b.flushSome)
	if b.env.Now != nil {
		b.begun = b.env.Now()
	}
	if b.room, err = newRoom(b.env.Cache, b.env.CacheBytes, s.request()); err != nil {
		return fmt.Errorf("cache folder: %w", err)
	}
	if !b.room.take(int64(s.slots) * int64(s.layout.bytes()+rowSize)) {
		return stage.Fault{Err: fmt.Errorf("the cache may hold %d bytes, the images alone take more", b.env.CacheBytes), Hint: "allow more with --cache-size"}
	}
	defer func() { err = errors.Join(err, b.closeResults()) }()
	if err := b.openResults(); err != nil {
		return fmt.Errorf("cache of steps: %w", err)
	}
	stop := s.startWriting()
	err = b.work(ctx)
	stop()
	b.eachResults((*results).flush)
	if err != nil {
		return err
	}
	return b.publish(ctx)
}

// openResults opens the results of single steps, and this request's packs for new
// ones.
func (b *builder) openResults() (err error) {
	c, request := b.chain, b.store.request()
	if c.kept >= 0 {
		if b.kept, err = openResults(b.cache.folder(c.folder[c.kept])); err != nil {
			return err
		}
		b.kept.free = b.free
		if err := b.kept.begin(request, strings.Join(c.text[:c.kept+1], "\n")+"\n"); err != nil {
			b.stopStoring(err)
		}
	}
	if c.all.Series {
		if b.counted, err = openResults(b.cache.folder(c.seriesFolder())); err != nil {
			return err
		}
		b.counted.free = b.free
		if err := b.counted.begin(request, c.text[0]+"\nstatistics of series\n"); err != nil {
			b.stopStoring(err)
		}
	}
	return nil
}

// flushSome writes results of which enough wait.
func (b *builder) flushSome() { b.eachResults((*results).flushSome) }

func (b *builder) eachResults(write func(*results) error) {
	for _, r := range []*results{b.kept, b.counted} {
		if r == nil {
			continue
		}
		if err := write(r); err != nil {
			b.stopStoring(err)
		}
	}
}

func (b *builder) closeResults() error {
	var errs []error
	for _, r := range []*results{b.kept, b.counted} {
		if r != nil {
			r.touch(b.cache)
			errs = append(errs, r.finish(), r.close())
		}
	}
	return errors.Join(errs...)
}

// put stores a result. One that cannot be stored ends the storing of results, not
// the run.
func (b *builder) put(r record) error {
	switch {
	case !b.storing() || r.to.has(r.key):
		b.free(r.data)
	case !b.room.take(int64(len(r.data))):
		b.stopStoring(fmt.Errorf("the cache may hold %d bytes", b.env.CacheBytes))
	default:
		if err := r.to.add(r.key, r.data); err != nil {
			b.stopStoring(err)
		}
	}
	return nil
}

// free takes the memory of a record back.
func (b *builder) free(data []byte) { b.memory.Put(&data) }

// recordMemory is for a record; free takes it back.
func (b *builder) recordMemory() []byte {
	if m, there := b.memory.Get().(*[]byte); there {
		return *m
	}
	return nil
}

// work hands jobs to workers.
func (b *builder) work(ctx context.Context) error {
	jobs := b.jobs()
	next := make(chan job)
	group, inner := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(next)
		for n, j := range jobs {
			j.number = n
			select {
			case next <- j:
			case <-inner.Done():
				return context.Cause(inner)
			}
		}
		return nil
	})
	for range max(1, b.env.Workers) {
		group.Go(func() error {
			w := &worker{b: b}
			for j := range next {
				if err := w.run(inner, j); err != nil {
					_ = w.flush() // that is less to make again
					return err
				}
			}
			return w.flush()
		})
	}
	return group.Wait()
}

// job is the cases of one series, or of one image that is in none, ordered by
// image.
type job struct {
	number int
	series string
	cases  []int
}

func (b *builder) jobs() []job {
	at := map[string]int{}
	var out []job
	for i, c := range b.cases.Cases {
		name := "series " + c.Series
		if c.Series == "" {
			name = "image " + c.Image
		}
		j, seen := at[name]
		if !seen {
			j, at[name] = len(out), len(out)
			out = append(out, job{series: c.Series})
		}
		out[j].cases = append(out[j].cases, i)
	}
	for _, j := range out {
		slices.SortStableFunc(j.cases, func(x, y int) int {
			return strings.Compare(b.cases.Cases[x].Image, b.cases.Cases[y].Image)
		})
	}
	return out
}

func (b *builder) storing() bool {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.full == nil
}

func (b *builder) stopStoring(err error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.full == nil {
		b.full = err
	}
}

// again notes an image that an interrupted run had finished.
func (b *builder) again(i int, r row) {
	b.lock.Lock()
	b.resumed++
	b.lock.Unlock()
	b.done(i, r, nil, nil)
}

// done notes how a case ended.
func (b *builder) done(i int, r row, warnings []string, failure error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	id := b.cases.Cases[i].ID
	if failure != nil {
		b.failed = append(b.failed, Remark{id, failure.Error()})
	} else {
		b.rows[i] = r
		for _, w := range warnings {
			b.warned = append(b.warned, Remark{id, w})
		}
	}
	b.finished++
	b.env.Recorder.Progress(stage.Progress{Stage: "preprocess", Label: "images", Done: b.finished, Total: len(b.cases.Cases), Unit: "images", Note: b.rate()})
}

// rate says how fast it goes, and how long the rest will take.
func (b *builder) rate() string {
	made := b.finished - b.resumed
	if b.begun.IsZero() || made < 1 {
		return ""
	}
	spent := b.env.Now().Sub(b.begun)
	if spent <= 0 {
		return ""
	}
	left := time.Duration(float64(spent) / float64(made) * float64(len(b.cases.Cases)-b.finished))
	return fmt.Sprintf("%.0f a second, %v left", float64(made)/spent.Seconds(), left.Round(time.Second))
}

// publish gives the finished file its name.
func (b *builder) publish(ctx context.Context) error {
	head := contents{Steps: b.chain.text, Slots: len(b.cases.Cases), Failed: inOrder(b.failed), Warnings: inOrder(b.warned)}
	for i, r := range b.rows {
		if r.Key != (key{}) {
			head.Images = append(head.Images, entry{b.cases.Cases[i].ID, i})
		} else if err := b.store.erase(i); err != nil {
			return err
		}
	}
	if err := b.enough(ctx, head); err != nil {
		return errors.Join(err, b.store.remove())
	}
	name, known := b.key(b.cache.sums.known)
	if !known {
		return stage.Fault{Err: errors.New("image files changed while they were read"), Hint: "run it again when nothing writes to the data any more"}
	}
	return b.store.publish(head, name)
}

// enough refuses a data set of which most cannot be read: then something else is
// wrong than a few broken files.
func (b *builder) enough(ctx context.Context, head contents) error {
	all := len(b.cases.Cases)
	if len(head.Failed)*2 <= all {
		return nil
	}
	err := error(stage.Fault{
		Err:  fmt.Errorf("%d of %d images cannot be used, the first: %s: %s", len(head.Failed), all, head.Failed[0].ID, head.Failed[0].Reason),
		Hint: "fewer than half are left; mend the files, or leave them out with data.drop",
	})
	return errors.Join(err, b.env.Recorder.Record(ctx, head.failures(b.cases.Local)...))
}

func inOrder(remarks []Remark) []Remark {
	slices.SortFunc(remarks, func(a, b Remark) int {
		return strings.Compare(a.ID+"\x00"+a.Reason, b.ID+"\x00"+b.Reason)
	})
	return slices.Compact(remarks)
}

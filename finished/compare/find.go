package compare

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"vertebra/results"
	"vertebra/stages/stage"
)

// Find loads runs by id, then those that meet all conditions among the keys,
// the oldest first: two at least, or else there is nothing to do what is wanted, such as
// compare.
func Find(ctx context.Context, db *results.DB, keys []string, wanted string) ([]*results.RunRecord, error) {
	var where []results.Condition
	var named []string
	keys = apart(keys)
	for _, key := range keys {
		if !IsCondition(key) {
			named = append(named, key)
			continue
		}
		condition, err := results.ParseCondition(key)
		if err != nil {
			return nil, err
		}
		where = append(where, condition)
	}
	if where != nil {
		list, err := db.Runs(ctx, results.Filter{Where: where, HideArchived: true})
		if err != nil {
			return nil, err
		}
		for _, r := range slices.Backward(list) {
			named = append(named, r.ID)
		}
	}
	records, err := loadRuns(ctx, db, named)
	if err != nil {
		return nil, err
	}
	asked := len(keys) - len(where)
	if records, err = onceEach(records, asked); err != nil {
		return nil, err
	}
	if len(records) < 2 {
		found := []string{"no run meets ", "there is only one run in "}[len(records)]
		return nil, stage.Fault{Err: fmt.Errorf("there is nothing to %s: %s", wanted, found+strings.Join(keys, " ")), Hint: "name two runs or more, or conditions that two or more meet"}
	}
	return records, nil
}

// operators make a condition of a word.
const operators = "=<>~"

// IsCondition says whether a word is a condition, and names no run.
func IsCondition(word string) bool { return strings.ContainsAny(word, operators) }

// apart takes conditions that were written as one word apart: 'model=resnet50
// status=done'. A value with spaces stays whole.
func apart(keys []string) (out []string) {
	for _, key := range keys {
		words := strings.Fields(key)
		if slices.ContainsFunc(words, func(w string) bool { return !IsCondition(w) }) {
			words = []string{key}
		}
		out = append(out, words...)
	}
	return out
}

// loadRuns loads several at once: most of the time goes into reading texts.
func loadRuns(ctx context.Context, db *results.DB, keys []string) ([]*results.RunRecord, error) {
	records := make([]*results.RunRecord, len(keys))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, key := range keys {
		group.Go(func() (err error) {
			records[i], err = db.Load(ctx, key)
			return err
		})
	}
	return records, group.Wait()
}

// onceEach refuses a run that was named twice, and drops those that conditions
// found once more: the first asked were named.
func onceEach(records []*results.RunRecord, asked int) (out []*results.RunRecord, err error) {
	for i, r := range records {
		seen := slices.ContainsFunc(out, func(o *results.RunRecord) bool { return o.ID == r.ID })
		switch {
		case seen && i < asked:
			return nil, stage.Fault{Err: fmt.Errorf("run %s is named twice", r.ID), Hint: "name each run once"}
		case !seen:
			out = append(out, r)
		}
	}
	return out, nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"vertebra/experiments"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

// cacheCommand is runner cache.
type cacheCommand struct {
	Ls    cacheLsCommand    `cmd:"" help:"List what the cache holds, the least recently used first." example:"runner cache ls"`
	Why   cacheWhyCommand   `cmd:"" help:"Say what an experiment would find in the cache, and why not more. Reads no pixels." example:"runner cache why experiments/mine.yaml"`
	Clear cacheClearCommand `cmd:"" help:"Delete parts of the cache. What a run needs again, it makes again." example:"runner cache clear --unused-for 720h"`
}

// cachePlace is where the cache is and how large it may become.
type cachePlace struct {
	Cache string `help:"Folder of preprocessed images." default:".cache" type:"path"`
}

// size is a number of bytes on the command line.
type size int64

// units are decimal, as disks are sold.
var units = []string{"B", "kB", "MB", "GB", "TB"}

// UnmarshalText reads "50GB".
func (s *size) UnmarshalText(text []byte) error {
	number, scale := strings.ToUpper(strings.TrimSpace(string(text))), 1.0
	for i := len(units) - 1; i >= 0; i-- {
		if rest, ok := strings.CutSuffix(number, strings.ToUpper(units[i])); ok {
			number = strings.TrimSpace(rest)
			for range i {
				scale *= 1000
			}
			break
		}
	}
	n, err := strconv.ParseFloat(number, 64)
	if err != nil || !(n >= 0) || n*scale > 1e18 {
		return fmt.Errorf("%q is no size; want a number with B, kB, MB, GB or TB, such as 50GB; 0 for no limit", text)
	}
	*s = size(n * scale)
	return nil
}

// String writes three digits and a unit.
func (s size) String() string {
	n, i := float64(s), 0
	for n >= 999.5 && i < len(units)-1 {
		n /= 1000
		i++
	}
	return strconv.FormatFloat(n, 'g', 3, 64) + " " + units[i]
}

// cacheLsCommand is runner cache ls.
type cacheLsCommand struct{ cachePlace }

// Run lists files.
func (c cacheLsCommand) Run(_ context.Context, w world) error {
	all, err := preprocess.ListCache(c.Cache)
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "id\tkind\tsize\titems\tlast used\tsteps")
	var total size
	for _, one := range all {
		total += size(one.Bytes)
		steps := strings.ReplaceAll(strings.TrimSpace(one.About), "\n", " → ")
		fmt.Fprintf(t, "%s\t%s\t%v\t%d\t%s\t%s\n", one.ID, one.Kind, size(one.Bytes), one.Items, one.Used.Format(time.DateTime), steps)
	}
	fmt.Fprintf(t, "\n%v in %d files of %s\n", total, len(all), c.Cache)
	return t.Flush()
}

// cacheWhyCommand is runner cache why.
type cacheWhyCommand struct {
	File string   `arg:"" help:"Experiment file." type:"existingfile"`
	Set  []string `help:"Change a setting: path=value." sep:"none" placeholder:"PATH=VALUE"`
	cachePlace
	Workers int `help:"Headers read at once." default:"${workers}"`
}

// Run foresees a run.
func (c cacheWhyCommand) Run(ctx context.Context, w world) error {
	e, warnings, err := experiments.Load(c.File, c.Set)
	w.warn(warnings)
	if err != nil {
		return err
	}
	env := stage.Env{Now: w.now, Recorder: stage.Discard, Cache: c.Cache, Workers: max(1, c.Workers), Seed: e.Seed}
	cases, err := readData(ctx, env, e.Data)
	if err != nil {
		return experiments.Place(fmt.Errorf("audit: %w", err), c.File, c.Set)
	}
	uses, err := preprocess.Foresee(ctx, env, e.Preprocess, cases)
	if err != nil {
		return fmt.Errorf("preprocess: %w", err)
	}
	reasons, err := preprocess.Explain(env, e.Preprocess, cases)
	if err != nil {
		return err
	}
	err = printUses(w.out, uses)
	for _, reason := range reasons {
		fmt.Fprintln(w.out, reason)
	}
	return err
}

func printUses(out io.Writer, uses []preprocess.StepUse) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "step\tto compute\tin the cache")
	for _, u := range uses {
		fmt.Fprintf(t, "%s\t%d\t%d\n", u.Step, u.Computed+u.Shared, u.Reused)
	}
	return t.Flush()
}

// cacheClearCommand is runner cache clear.
type cacheClearCommand struct {
	IDs       []string      `arg:"" name:"id" optional:"" help:"What to delete, as runner cache ls names it."`
	All       bool          `help:"Delete everything."`
	UnusedFor time.Duration `help:"Delete what was not used for so long, such as 720h." default:"0"`
	To        *size         `help:"Delete the least recently used until so much is left, such as 50GB."`
	cachePlace
}

// Run deletes. What a live run is filling stays, and is an error.
func (c cacheClearCommand) Run(_ context.Context, w world) error {
	all, err := preprocess.ListCache(c.Cache)
	if err != nil {
		return err
	}
	if len(c.IDs) == 0 && !c.All && c.UnusedFor == 0 && c.To == nil {
		return stage.Fault{Err: errors.New("nothing says what to delete"), Hint: "name ids of runner cache ls, or give --all, --unused-for or --to"}
	}
	var gone, total size
	for _, one := range all {
		total += size(one.Bytes)
	}
	var errs []error
	deleted := 0
	for _, one := range all {
		if !c.chosen(w, one, total-gone) {
			continue
		}
		if err := one.Remove(); err != nil {
			errs = append(errs, err)
			continue
		}
		gone += size(one.Bytes)
		deleted++
	}
	fmt.Fprintf(w.out, "deleted %d files, %v; %v are left\n", deleted, gone, total-gone)
	return errors.Join(append(errs, c.unknown(all))...)
}

func (c cacheClearCommand) chosen(w world, one preprocess.Cached, left size) bool {
	for _, id := range c.IDs {
		if one.ID == id {
			return true
		}
	}
	return c.All || c.UnusedFor > 0 && w.now().Sub(one.Used) > c.UnusedFor || c.To != nil && left > *c.To
}

func (c cacheClearCommand) unknown(all []preprocess.Cached) error {
	var errs []error
	for _, id := range c.IDs {
		found := false
		for _, one := range all {
			found = found || one.ID == id
		}
		if !found {
			errs = append(errs, stage.Fault{Err: fmt.Errorf("the cache holds no %q", id), Hint: "runner cache ls lists what it holds"})
		}
	}
	return errors.Join(errs...)
}

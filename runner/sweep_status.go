package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

type sweepStatus struct {
	Sweep string `arg:"" optional:"" help:"Id or name of a sweep, or latest; all are listed without it."`
	JSON  bool   `help:"Write JSON."`
	database
}

// Run lists sweeps, or the trials of one.
func (c sweepStatus) Run(ctx context.Context, w world) error {
	return c.use(ctx, func(db *results.DB) error {
		if c.Sweep == "" {
			return c.list(ctx, w, db)
		}
		rec, err := db.LoadSweep(ctx, c.Sweep)
		if err != nil {
			return err
		}
		if c.JSON {
			return w.json(sweepJSON(rec))
		}
		return printSweepStatus(w, rec)
	})
}

func (c sweepStatus) list(ctx context.Context, w world, db *results.DB) error {
	all, err := db.Sweeps(ctx, "")
	if err != nil || len(all) == 0 {
		return cmpErr(err, errNoSweeps)
	}
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "sweep\tstatus\tstarted\ttrials\tbest")
	for _, s := range all {
		rec, err := db.LoadSweep(ctx, s.ID)
		if err != nil {
			return err
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\n", s.ID, s.Status, s.Started.Local().Format("2006-01-02 15:04"), countsWords(rec), bestWords(rec))
	}
	return t.Flush()
}

// bestWords are the objective of the best trial; "" without one.
func bestWords(rec *results.SweepRecord) string {
	if best := bestTrial(rec); best != nil {
		return rec.Objective + " " + valueWords(rec, best)
	}
	return ""
}

func cmpErr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func printSweepStatus(w world, rec *results.SweepRecord) error {
	because := ""
	if rec.Because != "" {
		because = ": " + rec.Because
	}
	fmt.Fprintf(w.out, "sweep    %s (%s%s)\n", rec.ID, rec.Status, because)
	if !rec.Deadline.IsZero() {
		fmt.Fprintf(w.out, "until    %s\n", rec.Deadline.Local().Format("2006-01-02 15:04:05"))
	}
	fmt.Fprintf(w.out, "trials   %s\n", countsWords(rec))
	best := bestTrial(rec)
	if best != nil {
		fmt.Fprintf(w.out, "best     trial %d: %s\n", best.Number, bestWords(rec))
	}
	fmt.Fprintln(w.out)
	t := tabwriter.NewWriter(w.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "trial\tstate\tepochs\t%s\ttime\trun\tsettings\n", rec.Objective)
	for _, trial := range rec.Trials {
		mark, value := "", ""
		if trial == best {
			mark = " *"
		}
		if !math.IsNaN(trial.Value) {
			value = fmt.Sprintf("%.5g", trial.Value)
		}
		fmt.Fprintf(t, "%s%s\t%s\t%d/%d\t%s\t%s\t%s\t%s\n", trialName(trial), mark, trialState(rec, trial), trial.Epochs, trial.MaxEpochs, value,
			time.Duration(trial.Seconds*float64(time.Second)).Round(100*time.Millisecond), trial.Run, strings.TrimSpace(settingWords(trial)))
	}
	return t.Flush()
}

// trialName is the number of a trial, with that of its replicate: 7.2.
func trialName(t *results.Trial) string {
	if t.Replicate == 0 {
		return fmt.Sprint(t.Number)
	}
	return fmt.Sprintf("%d.%d", t.Number, t.Replicate)
}

// trialState says what a trial does, and where, or why it failed.
func trialState(rec *results.SweepRecord, t *results.Trial) string {
	state := rec.StateWords(t.State)
	switch {
	case t.FailureKind != "":
		return state + ": " + t.FailureKind
	case t.State == results.TrialRunning && strings.HasPrefix(t.Device, "slurm"):
		return state + " on " + t.Host + ", " + t.Device
	case t.Device != "":
		return state + " on " + t.Device
	}
	return state
}

// countsWords counts the trials by their states; with several seeds or folds their runs.
func countsWords(rec *results.SweepRecord) string {
	var words []string
	for _, state := range []results.TrialState{results.TrialRunning, results.Queued, results.Paused, results.TrialDone, results.Stopped, results.TrialFailed} {
		n := 0
		for _, t := range rec.Trials {
			if t.State == state {
				n++
			}
		}
		if n > 0 {
			words = append(words, fmt.Sprintf("%d %s", n, rec.StateWords(state)))
		}
	}
	if len(words) == 0 {
		return "none yet"
	}
	trials := map[int]bool{}
	for _, t := range rec.Trials {
		trials[t.Number] = true
	}
	if len(trials) < len(rec.Trials) {
		words[len(words)-1] += fmt.Sprintf(" (runs of %d trials)", len(trials))
	}
	return strings.Join(words, ", ")
}

// settingWords are the settings of a trial on one line, with a space before each.
func settingWords(t *results.Trial) string {
	text := ""
	for _, path := range sortedKeys(t.Settings) {
		text += " " + path + "=" + t.Settings[path]
	}
	for _, set := range t.Sets {
		text += " " + set
	}
	if text == "" && t.Origin == results.Baseline {
		return " the experiment as it is written"
	}
	return text
}

func sortedKeys(m map[string]string) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// bestTrial is the first run of the trial with the best mean, of those whose runs
// are all done; nil when there is none.
func bestTrial(rec *results.SweepRecord) *results.Trial {
	var best *results.Trial
	top := math.Inf(1)
	for _, t := range rec.Trials {
		if t.Replicate > 0 {
			continue
		}
		if v := meanValue(rec, t.Number); v < top {
			best, top = t, v
		}
	}
	return best
}

// meanValue is the mean over the runs of a trial, signed so that smaller is
// better; NaN unless as many are done as of any trial.
func meanValue(rec *results.SweepRecord, number int) float64 {
	sum, n, runs := 0.0, 0, 0
	for _, t := range rec.Trials {
		if t.Number == number && t.State == results.TrialDone {
			sum, n = sum+t.Value, n+1
		}
		runs = max(runs, t.Replicate+1)
	}
	switch {
	case n < runs || n == 0:
		return math.NaN()
	case rec.Better == stage.HigherBetter:
		return -sum / float64(n)
	}
	return sum / float64(n)
}

func sweepJSON(rec *results.SweepRecord) any {
	type trialJSON struct {
		Number    int               `json:"trial"`
		Replicate int               `json:"replicate"`
		State     string            `json:"state"`
		Reason    string            `json:"reason,omitempty"`
		Failure   string            `json:"failure,omitempty"`
		Epochs    int               `json:"epochs"`
		Value     *float64          `json:"value"`
		Seconds   float64           `json:"seconds"`
		Run       string            `json:"run,omitempty"`
		Settings  map[string]string `json:"settings"`
		Sets      []string          `json:"set,omitempty"`
	}
	out := struct {
		ID        string      `json:"sweep"`
		Status    string      `json:"status"`
		Because   string      `json:"because,omitempty"`
		Objective string      `json:"objective"`
		Best      *int        `json:"best_trial"`
		Trials    []trialJSON `json:"trials"`
	}{ID: rec.ID, Status: string(rec.Status), Because: rec.Because, Objective: rec.Objective, Trials: []trialJSON{}}
	if best := bestTrial(rec); best != nil {
		out.Best = &best.Number
	}
	for _, t := range rec.Trials {
		j := trialJSON{t.Number, t.Replicate, string(t.State), t.Reason, t.FailureKind, t.Epochs, nil, t.Seconds, t.Run, t.Settings, t.Sets}
		if !math.IsNaN(t.Value) {
			j.Value = &t.Value
		}
		out.Trials = append(out.Trials, j)
	}
	return out
}

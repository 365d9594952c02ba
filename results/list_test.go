package results

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"vertebra/stages/stage"
)

func TestRunsFilter(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	now := clock()
	var middle time.Time
	for i, name := range []string{"a", "b", "a"} {
		run, err := db.Begin(t.Context(), RunInfo{Name: name, Now: now})
		if err != nil {
			t.Fatal(err)
		}
		record(t, run, stage.Scalar{Name: "f1", Epoch: stage.Final, Value: float64(i)}, stage.Scalar{Name: "f1", Epoch: 1})
		if i == 1 {
			middle = load(t, db, run.ID()).Started
			if err := run.Finish(t.Context(), Done, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []struct {
		filter Filter
		want   string
	}{
		{Filter{}, "a-2 b a"},
		{Filter{Name: "a"}, "a-2 a"},
		{Filter{Status: Done}, "b"},
		{Filter{Status: Running}, "a-2 a"},
		{Filter{Status: Lost}, ""},
		{Filter{Since: middle}, "a-2 b"},
		{Filter{Limit: 1}, "a-2"},
		{Filter{Name: "a", Limit: 1, Status: Running}, "a-2"},
	} {
		runs, err := db.Runs(t.Context(), c.filter)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range runs {
			got = append(got, strings.TrimPrefix(r.ID, "2026-11-24-"))
			if len(r.Finals) != 1 {
				t.Errorf("%s has final numbers %v", r.ID, r.Finals)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v: got %v, want %s", c.filter, got, c.want)
		}
	}
}

func TestLoadByKey(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	if _, err := db.Load(t.Context(), Latest); err == nil || !strings.Contains(err.Error(), "no runs yet") {
		t.Errorf("got %v", err)
	}
	for _, name := range []string{"frozen", "frozen", "Über/Maß 3×", "", strings.Repeat("long ", 40)} {
		beginTest(t, db, name)
	}
	for key, want := range map[string]string{
		"2026-11-24-frozen":   "2026-11-24-frozen", // exact, though another begins with it
		"2026-11-24-frozen-2": "2026-11-24-frozen-2",
		"frozen":              "2026-11-24-frozen-2", // the latest of that name
		"frozen-2":            "2026-11-24-frozen-2",
		"ber":                 "2026-11-24-ber-ma-3",
		"Über/Maß 3×":         "2026-11-24-ber-ma-3",
		"run":                 "2026-11-24-run",
		"2026-11-24-long":     "2026-11-24-long-long-long-long-long-long-long-long-long-lon",
		Latest:                "2026-11-24-long-long-long-long-long-long-long-long-long-lon",
		"latest-1":            "2026-11-24-run",
		"latest-4":            "2026-11-24-frozen",
	} {
		if got := load(t, db, key).ID; got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
	for key, want := range map[string]string{
		"froz": "may be any of 2 runs", "2026": "2026-11-24-frozen-2", "nothing": `no run "nothing"`, "": `no run ""`, "%": "no run",
		"latest-5": "no run latest-5: there are 5 runs", "latest-01": `no run "latest-01"`, "latest--1": `no run "latest--1"`,
	} {
		if _, err := db.Load(t.Context(), key); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", key, err, want)
		}
	}
}

// TestLatestIsNoTrial: latest counts the runs that people made, as lists show them.
func TestLatestIsNoTrial(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	trial := func(n int) {
		record(t, beginTest(t, db, fmt.Sprint("trial ", n)), stage.Fact{Name: TrialFact, Value: TrialName("a-sweep", n, 0)})
	}
	refused := func(key, want, hint string) {
		t.Helper()
		_, err := db.Load(t.Context(), key)
		var f stage.Fault
		if err == nil || !strings.Contains(err.Error(), want) || hint != "" && (!errors.As(err, &f) || !strings.Contains(f.Hint, hint)) {
			t.Errorf("%s: got %v, want %q and the hint %q", key, err, want, hint)
		}
	}
	trial(1)
	trial(2)
	refused(Latest, "there are no runs but those of sweeps", "name one by its id: 2026-11-24-trial-2, 2026-11-24-trial-1")
	refused("nothing", `no run "nothing"`, "the latest are 2026-11-24-trial-2, 2026-11-24-trial-1")
	beginTest(t, db, "first")
	beginTest(t, db, "second")
	trial(3)
	record(t, beginTest(t, db, "second"), stage.Fact{Name: TrialFact, Value: TrialName("a-sweep", 4, 0)})
	for key, want := range map[string]string{Latest: "2026-11-24-second", "second": "2026-11-24-second", "latest-1": "2026-11-24-first", "trial-3": "2026-11-24-trial-3"} {
		if got := load(t, db, key).ID; got != want {
			t.Errorf("%s: got %s, want %s", key, got, want)
		}
	}
	refused("latest-2", "there are 2 runs besides those of sweeps", "")
	refused("nothing", `no run "nothing"`, "the latest are 2026-11-24-second, 2026-11-24-first")
}

// TestNameOfTrials: the latest of a sweep's trials is none that somebody chose, so their name alone
// means none of them; a run of a person goes before all.
func TestNameOfTrials(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	q, err := db.BeginSweep(t.Context(), SweepInfo{Name: "search", Better: stage.LowerBetter}, clock())
	if err != nil {
		t.Fatal(err)
	}
	for n := range 2 {
		run := beginTest(t, db, "search")
		record(t, run, stage.Fact{Name: TrialFact, Value: TrialName(q.ID, n, 0)})
		if err := q.Add(t.Context(), &Trial{Number: n, Origin: Searched, State: Paused, Run: run.ID()}); err != nil {
			t.Fatal(err)
		}
		_, err := db.Load(t.Context(), "search")
		if several := n > 0; (err != nil) != several || several && !strings.Contains(err.Error(), `"search" may be any of 2 trials, such as those of sweep `+q.ID) {
			t.Errorf("of %d trials: got %v", n+1, err)
		}
	}
	for _, key := range []string{"2026-11-24-search", "2026-11-24-search-2", "search-2"} {
		if got := load(t, db, key).ID; !strings.HasSuffix(got, key) {
			t.Errorf("%s: got %s", key, got)
		}
	}
	person := beginTest(t, db, "search")
	if got := load(t, db, "search").ID; got != person.ID() {
		t.Errorf("got %s, want %s", got, person.ID())
	}
}

func TestLostRuns(t *testing.T) {
	t.Parallel()
	db := openTest(t)
	child := exec.Command(os.Args[0], "-test.run=^$")
	if err := child.Run(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, set string
		want      Status
	}{
		{"mine", "", Running},
		{"ended", fmt.Sprintf("pid = %d", child.Process.Pid), Lost},
		{"same number", "process = 'another boot/1'", Lost},
		{"elsewhere", fmt.Sprintf("host = 'elsewhere', pid = %d", child.Process.Pid), Running}, // cannot be known
	} {
		run := beginTest(t, db, c.name)
		if processToken(os.Getpid()) == "" && c.name == "same number" {
			continue
		}
		if c.set != "" {
			if _, err := db.write.Exec("UPDATE runs SET "+c.set+" WHERE number = ?", run.number); err != nil {
				t.Fatal(err)
			}
		}
		if got := load(t, db, run.ID()).Status; got != c.want {
			t.Errorf("%s: got %s, want %s", c.name, got, c.want)
		}
	}
}

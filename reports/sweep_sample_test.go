package reports

import (
	"fmt"
	"math"
	"time"

	"vertebra/results"
	"vertebra/stages/stage"
)

// wideSweep has so many trials over so many settings, each third of which is a choice between two;
// setting 3 counts only where setting 2 is a. Each sixth trial failed, others ended early, and the loss is least
// where setting 0 is 0.3.
func wideSweep(trials, settings int) Sweep {
	begun := time.Date(2026, 11, 26, 1, 0, 0, 0, time.UTC)
	s := Sweep{Best: -1, Record: &results.SweepRecord{SweepSummary: results.SweepSummary{ID: "2026-11-26-wide", Status: results.SweepDone, Started: begun, Ended: begun.Add(time.Hour),
		SweepInfo: results.SweepInfo{Name: "wide", Objective: "validation.loss", Better: stage.LowerBetter}}}, Experiment: "name: wide\n"}
	for i := range settings {
		setting := SweepSetting{Path: fmt.Sprintf("train.part.setting_%d", i), Log: i%3 == 0, Ticks: []SweepTick{{0, "0.001"}, {0.5, "0.01"}, {1, "0.1"}}}
		if i%3 == 2 {
			setting = SweepSetting{Path: setting.Path, Choices: true, Ticks: []SweepTick{{0.25, "a"}, {0.75, "b"}}}
		}
		s.Settings = append(s.Settings, setting)
	}
	least := math.Inf(1)
	for n := range trials {
		t := wideTrial(s, n)
		if t.Value < least {
			least, s.Best = t.Value, n
		}
		s.Trials, s.Record.Trials = append(s.Trials, t), append(s.Record.Trials, t.Rows...)
	}
	return s
}

func wideTrial(s Sweep, n int) SweepTrial {
	row := &results.Trial{Number: n, Origin: results.Searched, State: results.TrialDone, Epochs: 9, MaxEpochs: 9, Seconds: 10, Settings: map[string]string{}, Run: fmt.Sprintf("2026-11-26-wide-%d", n+1)}
	t := SweepTrial{Number: n, Shares: map[string]float64{}, Rows: []*results.Trial{row}}
	for i, setting := range s.Settings {
		share := math.Mod(0.37*float64(n)*float64(i+1)+0.11*float64(i), 1)
		text := fmt.Sprintf("%.4g", 0.001*math.Pow(100, share))
		if setting.Choices {
			share, text = 0.25, "a"
			if (n>>(i/3))%2 == 1 {
				share, text = 0.75, "b"
			}
		}
		if i == 3 && t.Shares[s.Settings[2].Path] != 0.25 {
			continue
		}
		t.Shares[setting.Path], row.Settings[setting.Path] = share, text
		t.Words += " " + setting.Path + "=" + text
	}
	t.Value = 0.5 + math.Abs(t.Shares[s.Settings[0].Path]-0.3) + float64(n)*1e-4
	switch n % 6 {
	case 4:
		row.State, row.Epochs, row.Reason = results.Paused, 2, "waits at the rung of epoch 2"
	case 5:
		row.State, row.FailureKind, row.FailureMessage, t.Value = results.TrialFailed, "out of memory", "no memory left", math.NaN()
	}
	row.Value = t.Value
	begun := s.Record.Started.Add(time.Duration(n) * 20 * time.Second)
	row.Spans = []results.Span{{Device: "cuda:0", Begun: begun, Ended: begun.Add(10 * time.Second), Startup: 1, First: 1, Last: row.Epochs, Outcome: string(row.State)}}
	return t
}

// hostileSweep has texts that are HTML wherever the data may have them.
func hostileSweep() Sweep {
	s := wideSweep(12, 3)
	s.Record.Objective = hostile
	for i := range s.Trials {
		row := s.Trials[i].Rows[0]
		row.Sets, row.FailureMessage, row.Reason, s.Trials[i].Words = []string{hostile}, hostile, hostile, hostile
		row.Settings[s.Settings[0].Path] = hostile
	}
	s.Settings[1].Path, s.Settings[2].Ticks[0].Text = hostile, hostile
	return s
}

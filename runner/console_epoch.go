package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vertebra/experiments"
	"vertebra/stages/locate"
	"vertebra/stages/pretrain"
	"vertebra/stages/stage"
	"vertebra/stages/train"
)

// epochLines writes a line for each epoch: what a person waits for.
type epochLines struct {
	cfg   train.Config
	phase train.Phase
	begun int       // the first epoch of the phase
	shown int       // its epochs that were shown
	since time.Time // the end of the epoch before
	best  stage.Scalar

	pretraining int // epochs of it, that the experiment asks for
	learns      int // since is the end of an epoch of pretraining of the fold before this number; 0 of none

	finds bool // since is the end of an epoch of the net that finds points
}

// of is told which experiment is run.
func (l *epochLines) of(e experiments.Experiment) {
	l.cfg = e.Train
	if e.Pretrain != nil {
		l.pretraining = e.Pretrain.Epochs
	}
}

// start is told that a phase begins. Of a fold, the name ends with the fold's.
func (l *epochLines) start(p stage.PhaseRecord, now time.Time) {
	*l = epochLines{cfg: l.cfg, pretraining: l.pretraining, begun: p.FirstEpoch, since: now}
	name, _, _ := stage.ParseFoldName(p.Name)
	for _, phase := range l.cfg.Phases {
		if phase.Name == name {
			l.phase = phase
		}
	}
}

// monitor is the name of the number that decides: "validation.loss".
func (l *epochLines) monitor() string {
	if l.phase.Monitor != "" {
		return l.phase.Monitor
	}
	return l.cfg.Monitor
}

// line is about the numbers of an epoch: losses, the number that decides and whether it
// was never better in this phase, and how long the rest of the phase takes at most, if its
// epochs take as long as this one.
func (l *epochLines) line(scalars []stage.Scalar, now time.Time) string {
	epoch := scalars[0].Epoch
	if scalars[0].Phase == locate.Name {
		return l.located(scalars, now)
	}
	if scalars[0].Phase == pretrain.Name {
		return l.pretrained(scalars, now)
	}
	words := []string{fmt.Sprintf("epoch %d", epoch)}
	l.shown++
	for _, s := range scalars {
		series, _, _ := stage.ParseFoldName(s.Series)
		switch name := series + "." + s.Name; {
		case name == l.monitor():
			words = append(words, fmt.Sprintf("%s %s %.4f%s", s.Series, s.Name, s.Value, l.judge(s)))
		case s.Name == "loss", name == "validation.accuracy":
			words = append(words, fmt.Sprintf("%s %s %.4f", s.Series, s.Name, s.Value))
		}
	}
	took := now.Sub(l.since).Seconds()
	l.since = now
	time := roughly(took)
	if left := l.phase.Epochs - (epoch - l.begun + 1); l.begun > 0 && left > 0 {
		time += fmt.Sprintf(", phase %s at most %s more", l.phase.Name, roughly(took*float64(left)))
	}
	return strings.Join(append(words, time), "  ")
}

// located is about an epoch of the net that finds points.
func (l *epochLines) located(scalars []stage.Scalar, now time.Time) string {
	words := []string{fmt.Sprintf("finding points, epoch %d", scalars[0].Epoch)}
	for _, s := range scalars {
		words = append(words, strings.TrimSpace(fmt.Sprintf("%s %s %.4g %s", s.Series, s.Name, s.Value, s.Unit)))
	}
	if l.finds {
		words = append(words, roughly(now.Sub(l.since).Seconds()))
	}
	l.since, l.finds = now, true
	return strings.Join(words, "  ")
}

// pretrained is about an epoch of pretraining, or all that were done before.
func (l *epochLines) pretrained(scalars []stage.Scalar, now time.Time) string {
	losses := slices.DeleteFunc(slices.Clone(scalars), func(s stage.Scalar) bool { return s.Name != pretrain.LossName })
	if len(losses) == 0 {
		last := scalars[len(scalars)-1]
		return fmt.Sprintf("pretraining: %s %.4f", strings.ReplaceAll(last.Name, "_", " "), last.Value)
	}
	last := losses[len(losses)-1]
	words := []string{fmt.Sprintf("pretraining, epoch %d", last.Epoch), fmt.Sprintf("loss %.4f", last.Value)}
	series, fold, _ := stage.ParseFoldName(last.Series)
	if series == last.Series {
		fold = 0
	}
	if len(losses) == len(scalars) { // nobody says how long it took
		words = append(words, "as was done before")
	} else if l.learns == fold+1 {
		took := now.Sub(l.since).Seconds()
		words = append(words, roughly(took))
		if left := l.pretraining - last.Epoch; left > 0 {
			words[len(words)-1] += fmt.Sprintf(", at most %s more", roughly(took*float64(left)))
		}
	}
	l.since, l.learns = now, fold+1
	return strings.Join(words, "  ")
}

// judge says whether the number is the best of the phase, if all its epochs were seen.
func (l *epochLines) judge(s stage.Scalar) string {
	better := l.shown == 1 || s.Better == stage.HigherBetter && s.Value > l.best.Value || s.Better == stage.LowerBetter && s.Value < l.best.Value
	if !better {
		return ""
	}
	l.best = s
	if s.Epoch-l.begun+1 != l.shown { // the run went on within the phase
		return ""
	}
	return " (best)"
}

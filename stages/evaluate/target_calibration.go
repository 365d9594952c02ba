package evaluate

import (
	"fmt"
	"slices"

	"vertebra/stages/stage"
)

// leastOfClass is how many cases of each class a target needs for a calibration of its
// own: ten for each parameter of the curve is the old rule of logistic regression
// (Peduzzi et al. 1996), of which temperature has one and vector scaling three for two
// classes. Below, the fit follows single cases.
const leastOfClass = 10

// fitTargets fits a calibrator to all cases together and, where there are several
// targets, to each of them alone: what is true of a frequent finding's probabilities
// is not of a rare one's. Targets that have too few cases are named, and get the
// calibration of all.
func fitTargets(c Calibrator, p Predictions) (m FittedCalibrator, without lacking, err error) {
	if targets := p.targets(); !p.shared(targets) {
		return fitKinds(c, p, targets)
	}
	if m, err = c.Fit(p); err != nil {
		return m, without, err
	}
	for _, t := range p.targets() {
		own, ok := FittedCalibrator{}, enoughOfEach(t.Predictions)
		if ok {
			own, err = c.Fit(t.Predictions)
			ok = err == nil
		}
		if !ok {
			without.own = append(without.own, t.Name)
			continue
		}
		if m.Of == nil {
			m.Tag, m.Of = p.averageOver, map[string]FittedCalibrator{}
		}
		m.Of[t.Name] = own
	}
	return m, without, nil
}

// lacking names targets without a calibration of their own, which have that of others, and
// those without any, for a reason.
type lacking struct {
	own, any []string
	why      error
}

// fitKinds is fitTargets where targets have classes of their own: a target that has too few
// cases gets the calibration of all that have its classes; one that no calibration can be
// found for stays as it is, and is no reason to leave the others so.
func fitKinds(c Calibrator, p Predictions, targets []Target) (m FittedCalibrator, without lacking, err error) {
	m = FittedCalibrator{Scale: []float64{1}, Tag: p.averageOver, Of: map[string]FittedCalibrator{}}
	for _, t := range targets {
		fitted, own, err := fitKind(c, t, targets)
		switch {
		case err != nil:
			without.any, without.why = append(without.any, t.Name), err
			continue
		case !own:
			without.own = append(without.own, t.Name)
		}
		m.Name, m.Of[t.Name] = fitted.Name, fitted.among(p.Classes, t.Classes)
	}
	if len(m.Of) == 0 {
		return m, without, without.why
	}
	return m, without, nil
}

// fitKind fits a target, alone where it has cases enough or where no other has its classes.
func fitKind(c Calibrator, t Target, targets []Target) (m FittedCalibrator, own bool, err error) {
	alike := alikeItems(targets, t)
	if only := len(alike) == len(t.Items); only || enoughOfEach(t.Predictions) {
		if m, err = c.Fit(t.Predictions); err == nil || only {
			return m, true, err
		}
	}
	m, err = c.Fit(t.of(alike))
	return m, false, err
}

// alikeItems are those of all targets with the same classes.
func alikeItems(targets []Target, as Target) (out []stage.Prediction) {
	for _, t := range targets {
		if slices.Equal(t.Classes, as.Classes) {
			out = append(out, t.Items...)
		}
	}
	return out
}

// never is an offset that leaves a class no probability, in float32 too.
const never = -1e4

// among is the calibration of some classes as one of all: the others get no probability.
func (m FittedCalibrator) among(all, classes []string) FittedCalibrator {
	out := FittedCalibrator{Name: m.Name, Scale: make([]float64, len(all)), Offset: slices.Repeat([]float64{never}, len(all))}
	for i, class := range classes {
		k := slices.Index(all, class)
		out.Scale[k], out.Offset[k] = m.Scale[i%len(m.Scale)], 0
		if len(m.Offset) > 0 {
			out.Offset[k] = m.Offset[i]
		}
	}
	return out
}

func enoughOfEach(p Predictions) bool {
	for _, c := range p.perClass() {
		if c.support < leastOfClass {
			return false
		}
	}
	return true
}

// tell says which targets have no calibration of their own, and which none.
func (l lacking) tell(p Predictions) (out []stage.Record) {
	tag, with := p.averageOver, ""
	if !p.shared(p.targets()) {
		with = " with the same classes"
	}
	if len(l.own) > 0 {
		out = append(out, stage.Event{Level: "info", Stage: "evaluate",
			Text: fmt.Sprintf("calibrate: %s: fewer than %d validation cases of a class, or no fit; calibrated as every %s%s together", listed(l.own), leastOfClass, tag, with)})
	}
	if len(l.any) > 0 {
		out = append(out, stage.Event{Level: "warning", Stage: "evaluate",
			Text: fmt.Sprintf("calibrate: %s: %v on the validation split, so not calibrated", listed(l.any), l.why)})
	}
	return out
}

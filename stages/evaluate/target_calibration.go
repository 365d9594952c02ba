package evaluate

import (
	"fmt"

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
func fitTargets(c Calibrator, p Predictions) (m Mend, without []string, err error) {
	if m, err = c.Fit(p); err != nil {
		return m, nil, err
	}
	for _, t := range p.targets() {
		own, ok := Mend{}, enoughOfEach(t.Predictions)
		if ok {
			own, err = c.Fit(t.Predictions)
			ok = err == nil
		}
		if !ok {
			without = append(without, t.Name)
			continue
		}
		if m.Of == nil {
			m.Tag, m.Of = p.averageOver, map[string]Mend{}
		}
		m.Of[t.Name] = own
	}
	return m, without, nil
}

func enoughOfEach(p Predictions) bool {
	for _, c := range p.perClass() {
		if c.support < leastOfClass {
			return false
		}
	}
	return true
}

// withoutOwn tells which targets have no calibration of their own.
func withoutOwn(tag string, names []string) stage.Event {
	return stage.Event{Level: "info", Stage: "evaluate",
		Text: fmt.Sprintf("calibrate: %s: fewer than %d validation cases of a class, or no fit; mended as every %s together", listed(names), leastOfClass, tag)}
}

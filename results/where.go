package results

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"vertebra/stages/stage"
)

// Condition is what a run must meet: f1 > 0.7.
//
// Key is a word of the run itself (id, name, status, tag, note, started, seed, …),
// or a final number (f1; validation.f1 and test.f1 say whose), or a setting
// (model.backbone, or its last words: loss). Settings that hold others are equal
// to every name and value in them: model = resnet50.
type Condition struct{ Key, Op, Value string }

var conditionForm = regexp.MustCompile(`^\s*([\pL_][\pL\d_.\-/ ]*?)\s*(<=|>=|!=|=|<|>|~)\s*(.*?)\s*$`)

// ParseCondition reads "f1>0.7". The operators are =, !=, <, <=, >, >=, and ~ for
// "contains".
func ParseCondition(text string) (Condition, error) {
	parts := conditionForm.FindStringSubmatch(text)
	if parts == nil {
		return Condition{}, fault("write it such as status=done or 'f1>0.7', with quotes because the shell reads < and >",
			"%q is no condition", text)
	}
	c := Condition{parts[1], parts[2], parts[3]}
	if !isNumber(c.Value) && strings.ContainsAny(c.Op, "<>") && c.Key != "started" && c.Key != "ended" {
		return Condition{}, fault("give a number", "%q: %s can only be asked of numbers and times", text, c.Op)
	}
	return c, nil
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil
}

// holds says whether any of the values meets the condition, and for != whether
// all do.
func (c Condition) holds(values []string) bool {
	if c.Op == "!=" {
		return !slices.ContainsFunc(values, func(v string) bool { return equal(v, c.Value) })
	}
	return slices.ContainsFunc(values, func(v string) bool {
		switch c.Op {
		case "=":
			return equal(v, c.Value)
		case "~":
			return strings.Contains(strings.ToLower(v), strings.ToLower(c.Value))
		}
		return c.ordered(v)
	})
}

func (c Condition) ordered(v string) bool {
	if isNumber(c.Value) && !isNumber(v) && c.Key != "started" && c.Key != "ended" {
		return false
	}
	order, comparable := order(v, c.Value)
	switch {
	case !comparable:
		return false
	case c.Op == "<":
		return order < 0
	case c.Op == "<=":
		return order <= 0
	case c.Op == ">":
		return order > 0
	}
	return order >= 0
}

// equal compares numbers as numbers: 0.10 is 1e-1.
func equal(a, b string) bool {
	if a == b {
		return true
	}
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	return err == nil && err2 == nil && x == y
}

// order compares two numbers, or else two texts; NaN has no order.
func order(a, b string) (order int, comparable bool) {
	x, err := strconv.ParseFloat(a, 64)
	y, err2 := strconv.ParseFloat(b, 64)
	switch {
	case err != nil || err2 != nil:
		return strings.Compare(a, b), a != "" && b != ""
	case x < y:
		return -1, true
	case x > y:
		return 1, true
	}
	return 0, x == y
}

// words are what a run itself answers to.
var words = map[string]func(RunSummary) []string{
	"id":          func(s RunSummary) []string { return []string{s.ID} },
	"name":        func(s RunSummary) []string { return []string{s.Name} },
	"purpose":     func(s RunSummary) []string { return []string{s.Purpose} },
	"status":      func(s RunSummary) []string { return []string{string(s.Status)} },
	"failure":     func(s RunSummary) []string { return []string{s.FailureKind, s.FailureMessage} },
	"file":        func(s RunSummary) []string { return []string{s.File} },
	"fingerprint": func(s RunSummary) []string { return []string{s.Fingerprint} },
	"seed":        func(s RunSummary) []string { return []string{strconv.FormatUint(s.Seed, 10)} },
	"host":        func(s RunSummary) []string { return []string{s.Host} },
	"note":        func(s RunSummary) []string { return []string{s.Note} },
	"tag":         func(s RunSummary) []string { return s.Tags },
	"archived":    func(s RunSummary) []string { return []string{strconv.FormatBool(!s.Archived.IsZero())} },
	"started":     func(s RunSummary) []string { return []string{timeText(s.Started)} },
	"ended":       func(s RunSummary) []string { return []string{timeText(s.Ended)} },
	"seconds":     func(s RunSummary) []string { return []string{strconv.FormatFloat(s.Duration().Seconds(), 'f', -1, 64)} },
}

// timeText is local time, which starts as people write it: 2026-11-24.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Local().Format("2006-01-02 15:04:05")
}

// final finds a final number by its name, that of validation before that of test.
// A name without macro_ is also that one.
func final(s RunSummary, key string) (text string, found bool) {
	for _, series := range []string{string(stage.Validation), string(stage.Test), ""} {
		for _, name := range []string{key, "macro_" + key} {
			for _, f := range s.Finals {
				whose := series == "" || f.Series == series
				if whose && f.Name == name || f.Series+"."+f.Name == key {
					return strconv.FormatFloat(f.Value, 'g', -1, 64), true
				}
			}
		}
	}
	return "", false
}

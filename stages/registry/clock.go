package registry

import (
	"fmt"
	"regexp"
	"strconv"

	"gopkg.in/yaml.v3"
)

// TimeOfDay is a time of day in minutes since midnight. YAML writes it "07:00".
type TimeOfDay int

const timePattern = `^([01]?[0-9]|2[0-3]):[0-5][0-9]$`

var clockTime = regexp.MustCompile(timePattern)

// String writes the time as YAML does.
func (t TimeOfDay) String() string { return fmt.Sprintf("%02d:%02d", int(t)/60, int(t)%60) }

// parseTimeOfDay reads hours and minutes.
func parseTimeOfDay(text string) (TimeOfDay, bool) {
	if !clockTime.MatchString(text) {
		return 0, false
	}
	colon := len(text) - 3
	hours, _ := strconv.Atoi(text[:colon]) // the pattern holds digits only
	minutes, _ := strconv.Atoi(text[colon+1:])
	return TimeOfDay(60*hours + minutes), true
}

// readTimeOfDay takes 7:00 without quotes: YAML 1.2 reads it as text.
func readTimeOfDay(n *yaml.Node) (TimeOfDay, mistake) {
	t, ok := parseTimeOfDay(n.Value)
	if !ok {
		return 0, mistake{"want a time of day, got " + got(n), "write it as 07:00 or 23:30"}
	}
	return t, mistake{}
}

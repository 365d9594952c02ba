package reports

import (
	"testing"
	"time"
)

func TestClockText(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		0: "0 s", 59 * time.Second: "59 s", 80 * time.Second: "1 min 20 s", 59*time.Minute + 59*time.Second: "59 min 59 s", 3*time.Hour + 4*time.Minute: "3 h 04 min", 30 * time.Hour: "30 h 00 min",
	} {
		if got := clockText(d); got != want {
			t.Errorf("%v: %q, want %q", d, got, want)
		}
	}
}

package registry

import "testing"

// TestWords: what acts is named, with units; what is off, empty or 0 is not, nor what another setting keeps from
// acting, nor where a file lay.
func TestWords(t *testing.T) {
	t.Parallel()
	type inner struct {
		By     string   `help:"how" oneof:"share count"`
		Share  float64  `help:"for share" when:"by=share"`
		Count  int      `help:"for count" unit:"px" when:"by=count"`
		Loud   bool     `help:"says more"`
		Names  []string `help:"of some"`
		File   Path     `help:"a file"`
		Rate   *float64 `help:"a rate"`
		Second *One[op] `help:"another"`
	}
	type settings struct {
		Op     One[op]            `help:"what is done"`
		Below  inner              `help:"more"`
		Weight map[string]float64 `help:"weights"`
		Pair   [2]float64         `help:"two numbers"`
	}
	rate := 1e-5
	for want, v := range map[string]any{
		"flip": One[op]{Name: "flip"}, "gamma (limit 0.2)": One[op]{Name: "gamma"}, "": One[op]{},
		"several (ops flip, gamma (limit 0.5) and resize (pixels 8, mode linear))": One[op]{"several", several{[]One[op]{{Name: "flip"}, {"gamma", gamma{0.5}}, {"resize", resize{8, "linear"}}}}},
		"op flip, below: by share, share 0.5, loud, names a and b, file w.pth, rate 1e-05, second flip, weight no 1, yes 2.5, pair 1, 99": settings{
			Op: One[op]{Name: "flip"}, Below: inner{By: "share", Share: 0.5, Count: 3, Loud: true, Names: []string{"a", "b"}, File: "/home/ada/w.pth", Rate: &rate, Second: &One[op]{Name: "flip"}},
			Weight: map[string]float64{"yes": 2.5, "no": 1}, Pair: [2]float64{1, 99}},
		"by count, count 3 px": inner{By: "count", Share: 0.5, Count: 3},
	} {
		if got := Words(v); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := Words(One[op]{Name: "gamma"}, "limit 0.2"); got != "gamma" {
		t.Errorf("got %q, without what was left out", got)
	}
	if got := (One[op]{Name: "flip"}).Help(); got != "mirrors left and right" {
		t.Errorf("got %q", got)
	}
}

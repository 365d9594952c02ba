package stage

import "testing"

func TestIntervalMethods(t *testing.T) {
	t.Parallel()
	of := func(series, method string) Scalar {
		return Scalar{Series: series, Interval: &Interval{Level: 0.95, Method: method}}
	}
	for _, one := range []struct {
		finals []Scalar
		want   string
		known  bool
	}{
		{nil, "", false},
		{[]Scalar{{Series: "test"}}, "", false},
		{[]Scalar{of("validation", "bca, 9 groups"), of("test", "bca, 9 groups")}, "bca, 9 groups", true},
		{[]Scalar{of("validation", "bca, 9 groups"), of("validation calibrated", "bca, 9 groups"), of("test", "bca, 4 groups")}, "validation: bca, 9 groups; test: bca, 4 groups", true},
		{[]Scalar{of("validation fold 1", "bca, 9 groups"), {Series: "validation"}, of("test", "bca, 39 groups")}, "bca, 39 groups", true},
		{[]Scalar{of("test", "")}, "", true},
	} {
		words, level, known := IntervalMethods(one.finals)
		if words != one.want || known != one.known || known && level != 0.95 {
			t.Errorf("got %q, %v, %v, want %q", words, level, known, one.want)
		}
	}
}

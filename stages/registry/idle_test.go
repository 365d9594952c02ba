package registry

import (
	"fmt"
	"testing"
)

type mixed struct {
	By    string     `help:"how" oneof:"mean tag"`
	Share float64    `help:"a share" when:"by=mean"`
	Ops   []One[op]  `help:"parts"`
	Below *mixedPart `help:"more"`
}

type mixedPart struct {
	On     bool `help:"whether"`
	Number int  `help:"how many" when:"on=true"`
}

func TestIdle(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		v    mixed
		said []string
		want string
	}{
		{mixed{By: "mean"}, []string{"share"}, "[]"},
		{mixed{By: "tag"}, nil, "[]"},
		{mixed{By: "tag"}, []string{"share"}, "[{share has no effect: by is tag it counts with by: mean}]"},
		{mixed{Below: &mixedPart{}}, []string{"below.number"}, "[{below.number has no effect: on is false it counts with on: true}]"},
		{mixed{Below: &mixedPart{On: true}}, []string{"below.number"}, "[]"},
	} {
		said := func(path string) bool {
			for _, s := range test.said {
				if s == path {
					return true
				}
			}
			return false
		}
		if got := fmt.Sprint(Idle(test.v, said)); got != test.want {
			t.Errorf("%+v: got %s, want %s", test.v, got, test.want)
		}
	}
}

func TestWhenIsDeclared(t *testing.T) {
	t.Parallel()
	type noSetting struct {
		A int `help:"a" when:"b=1"`
	}
	type noValue struct {
		A int `help:"a" when:"a"`
	}
	for _, v := range []any{noSetting{}, noValue{}} {
		if got := panicOf(func() { SettingsOf(v) }); got == "" {
			t.Errorf("%T was taken", v)
		}
	}
}

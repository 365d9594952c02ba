package augment

import (
	"fmt"
	"reflect"
	"testing"

	"vertebra/stages/internal/torch"
)

func TestIdleEntries(t *testing.T) {
	c := parse(t, `[flip, rotate: {from: 4}, blur: {p: 0}, one_of: {of: [noise, gamma: {from: 9, until: 12}]}, border]`)
	for epochs, want := range map[int][]string{12: {"2.blur.p"}, 3: {"1.rotate.from", "2.blur.p", "3.one_of.of.1.gamma.from"}} {
		var got []string
		for _, f := range c.Idle(epochs, Stack{}) {
			got = append(got, f.Path)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d epochs: got %v, want %v", epochs, got, want)
		}
	}
	if text := c.Idle(3, Stack{})[0].Text; text != fmt.Sprintf("epoch %d never comes: the phases have %d together", 4, 3) {
		t.Error(text)
	}
}

func TestIdleWithoutSlices(t *testing.T) {
	c, v := parse(t, "[reverse, one_of: {of: [slice_dropout, blur]}]"), testTime(t, "{views: [flip, reverse]}")
	var got []string
	for _, f := range append(c.Idle(1, Stack{Slices: 1}), v.Idle(Stack{Slices: 1})...) {
		got = append(got, f.Path)
	}
	if want := []string{"0.reverse", "1.one_of.of.0.slice_dropout", "1.reverse"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if all := append(c.Idle(1, Stack{Slices: 3}), v.Idle(Stack{Slices: 3})...); len(all) > 0 {
		t.Errorf("three slices: %v", all)
	}
	blind := append(c.Idle(1, Stack{Slices: 3, Blind: true}), v.Idle(Stack{Slices: 3, Blind: true})...)
	if len(blind) != 2 || blind[0].Path != "0.reverse" || blind[1].Path != "1.reverse" {
		t.Errorf("a net that sees no order: %v", blind)
	}
	do(t, func(s *torch.Scope) {
		x := s.FromFloat32([]float32{0.1, 0.2, 0.3}, 1, 3, 1, 1) // a colour
		out := parse(t, "[slice_dropout: {p: 1, share: 1}]").Apply(s, Batch{Images_BCHW: x, Samples: names(1), Slices: 1, Epoch: 1})
		if got := s.Float32s(out.Images_BCHW); got[0] == 0 || got[1] == 0 {
			t.Errorf("colours became %v", got)
		}
	})
}

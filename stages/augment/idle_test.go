package augment

import (
	"fmt"
	"reflect"
	"testing"
)

func TestIdleEntries(t *testing.T) {
	c := parse(t, `[flip, rotate: {from: 4}, blur: {p: 0}, one_of: {of: [noise, gamma: {from: 9, until: 12}]}, border]`)
	for epochs, want := range map[int][]string{12: {"2.blur.p"}, 3: {"1.rotate.from", "2.blur.p", "3.one_of.of.1.gamma.from"}} {
		var got []string
		for _, f := range c.Idle(epochs) {
			got = append(got, f.Path)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%d epochs: got %v, want %v", epochs, got, want)
		}
	}
	if text := c.Idle(3)[0].Text; text != fmt.Sprintf("epoch %d never comes: the phases have %d together", 4, 3) {
		t.Error(text)
	}
}

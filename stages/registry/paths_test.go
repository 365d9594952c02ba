package registry

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
)

type mover interface{ Move() }

var movers = New[mover]("mover")

type cart struct {
	From Path   `help:"folder to begin at" required:"true"`
	Kind Path   `help:"file of the kind, or a word" words:"usual"`
	Name string `help:"what it is called"`
}

func (cart) Move() {}

func init() { movers.Add("cart", "moves", cart{}, "cart: {from: here}") }

type moves struct {
	First One[mover]      `help:"one"`
	Maybe *One[mover]     `help:"one, or none"`
	All   []One[mover]    `help:"several"`
	Named map[string]Path `help:"files by name"`
	Files []Path          `help:"files"`
}

// TestMapPaths: every path that is given is met with its setting, words are not, and the
// value itself stays as it was.
func TestMapPaths(t *testing.T) {
	t.Parallel()
	one := One[mover]{"cart", cart{From: "/a", Kind: "usual", Name: "/not/a/path"}}
	v := moves{First: one, Maybe: &one, All: []One[mover]{{"cart", cart{From: "/b", Kind: "/c"}}}, Named: map[string]Path{"x": "/d"}, Files: []Path{"", "/e"}}
	var met []string
	got := MapPaths(v, func(setting string, p Path, required bool) Path {
		met = append(met, fmt.Sprint(setting, " ", p, " ", required))
		return "gone"
	})
	slices.Sort(met)
	want := []string{"all.0.cart.from /b true", "all.0.cart.kind /c false", "files.1 /e true", "first.cart.from /a true", "maybe.cart.from /a true", "named.x /d true"}
	if !slices.Equal(met, want) {
		t.Errorf("met %q, want %q", met, want)
	}
	moved := One[mover]{"cart", cart{From: "gone", Kind: "usual", Name: "/not/a/path"}}
	if want := (moves{First: moved, Maybe: &moved, All: []One[mover]{{"cart", cart{From: "gone", Kind: "gone"}}}, Named: map[string]Path{"x": "gone"}, Files: []Path{"", "gone"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if v.Maybe.Part.(cart).From != "/a" || v.Named["x"] != "/d" || v.Files[1] != "/e" || v.All[0].Part.(cart).Kind != "/c" {
		t.Errorf("the value itself was changed: %+v", v)
	}
}

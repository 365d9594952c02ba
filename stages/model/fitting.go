package model

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
)

// misfit says why a file is not of the net that is wanted.
type misfit struct{ error }

func (m misfit) Unwrap() error { return m.error }

// fitting says which backbones a file is of: those that have all their tensors in it, of their
// shapes, and whose parts it has no more of.
func fitting(dicts []statedict.Dict) string {
	const most = 3
	if len(dicts) == 0 {
		return "it was saved without weights"
	}
	var names []string
	for _, name := range Backbones.Names() {
		if len(names) < most && isOf(dicts, name) {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "it fits none of the backbones"
	}
	return "it fits " + strings.Join(names, ", ")
}

// isOf says whether a file is of a backbone, for images of whatever size and channels.
func isOf(dicts []statedict.Dict, name string) bool {
	one, _ := Backbones.Default(name)
	if sized, ok := one.Part.(Sized); ok {
		part, err := sized.For(224, 224)
		if err != nil {
			return false
		}
		one.Part = part
	}
	var wanted []*torch.Parameter
	for _, p := range Sketch(Config{Backbone: one, Input: InputOf(one.Part)}, Single(2)).net.Store.Parameters {
		if Selects(BackBone, p.Name) {
			wanted = append(wanted, p)
		}
	}
	f, err := match(prepared(dicts, one.Part), wanted, one.Part, "")
	if err != nil || len(f.unused) > 0 || f.refused(one.Part) != nil {
		return false
	}
	f.reorder(one.Part)
	for _, p := range wanted {
		have := f.tensors[p.Name].Shape
		if places := p.Embedding && len(have) == 3 && have[2] == p.Shape[2]; !places && !isStem(have, p.Shape, p == wanted[0]) && !slices.Equal(have, p.Shape) {
			return false
		}
	}
	return true
}

// standsFor tells what often lies in the place of a file of weights: what git has for it without
// Git LFS, and a page that a server gave instead.
func standsFor(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, 512))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	begins := bytes.ToLower(bytes.TrimLeft(head, " \t\r\n\ufeff"))
	switch {
	case bytes.HasPrefix(begins, []byte("version https://git-lfs")):
		return fmt.Errorf("%s is a pointer of Git LFS, and not the file itself: git lfs pull gets that", path)
	case bytes.HasPrefix(begins, []byte("<!doctype")) || bytes.HasPrefix(begins, []byte("<html")):
		return fmt.Errorf("%s is a web page, and no weights: open it in a browser to see what the server said", path)
	}
	return nil
}

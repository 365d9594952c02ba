package model

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
)

// found are the tensors of a file by the net's names.
type found struct {
	place   string // below which names the file has them: state_dict.module
	dict    statedict.Dict
	prefix  string
	names   []string // as the file has them
	others  []string
	tensors map[string]safetensors.Tensor
	missing []string
	unused  []string // tensors of the file in the same parts of a net, which ours does not have
}

// naming leads from the net's name of a tensor to the file's.
type naming func(name string) string

// match finds the tensors of a backbone in a file whose names have something before them, or
// that holds several nets; inside says which, "" the first that has the most of them.
func match(dicts []statedict.Dict, wanted []*torch.Parameter, b Backbone, inside string) (found, error) {
	all, elsewhere := closest(dicts, wanted, b, inside)
	switch {
	case len(all) == 0 && len(elsewhere) > 0:
		return found{}, fmt.Errorf("there is no %s below %s in the file; it is below %s", wanted[0].Name, inside, strings.Join(elsewhere, ", "))
	case len(all) == 0:
		return found{}, misfit{fmt.Errorf("there is no %s in the file, which has %s", wanted[0].Name, sample(dicts))}
	case len(all[0].missing) > 0:
		missing := all[0].missing
		return found{}, misfit{fmt.Errorf("%d of %d tensors are not in the file, the first is %s; it has %s", len(missing), len(wanted), missing[0], sample(dicts))}
	}
	best := all[0]
	best.unused = best.beside()
	for _, f := range all[1:] {
		if f.place != best.place && !slices.Contains(best.others, f.place) {
			best.others = append(best.others, f.place)
		}
	}
	return best, nil
}

// closest are the nets that lack equally few tensors, in the order of the file, and where
// there are some that are not inside what is asked for.
func closest(dicts []statedict.Dict, wanted []*torch.Parameter, b Backbone, inside string) (all []found, elsewhere []string) {
	for _, d := range dicts {
		for _, name := range namings(b) {
			for _, prefix := range prefixes(d, name(wanted[0].Name)) {
				place := strings.Trim(d.Path+"."+strings.TrimSuffix(prefix, "."), ".")
				if inside == "" || place == inside || strings.HasPrefix(place, inside+".") {
					f := gathered(d, wanted, func(s string) string { return prefix + name(s) })
					f.place, f.dict, f.prefix = place, d, prefix
					all = closer(all, f)
				} else if place = cmp.Or(place, "nothing"); len(elsewhere) < mostPlaces && !slices.Contains(elsewhere, place) {
					elsewhere = append(elsewhere, place)
				}
			}
		}
	}
	return all, elsewhere
}

// mostPlaces are named in a message.
const mostPlaces = 8

// closer keeps what lacks the fewest tensors.
func closer(all []found, f found) []found {
	if len(all) == 0 {
		return []found{f}
	}
	switch cmp.Compare(len(f.missing), len(all[0].missing)) {
	case -1:
		return []found{f}
	case 1:
		return all
	}
	return append(all, f)
}

func gathered(d statedict.Dict, wanted []*torch.Parameter, name naming) found {
	f := found{tensors: map[string]safetensors.Tensor{}}
	for _, p := range wanted {
		if t, there := d.Tensors[name(p.Name)]; there {
			f.tensors[p.Name], f.names = t, append(f.names, name(p.Name))
		} else {
			f.missing = append(f.missing, p.Name)
		}
	}
	return f
}

// beside are what the file has besides the net's tensors in the parts that these are in, such
// as layer1 with a third block: it is of a deeper net, whose names and shapes fit all the same.
func (f found) beside() (out []string) {
	used, parts := map[string]bool{}, f.parts()
	for _, name := range f.names {
		used[name] = true
	}
	for name := range f.dict.Tensors {
		if strings.HasPrefix(name, f.prefix) && !used[name] && parts[f.part(name)] && !isLora(name) && !isNoWeight(name) {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// isNoWeight says of a tensor that no trained net needs it: Swin's mask and distances, and the token in
// the place of patches that are to be guessed.
func isNoWeight(name string) bool {
	return strings.HasSuffix(name, ".attn_mask") || strings.HasSuffix(name, ".relative_coords_table") || strings.HasSuffix(name, "mask_token")
}

// leftOut are the parts of the file's net that ours does not have, such as the last layer, or
// what segments: fc, conv_seg; and what lies beside that net, such as one of texts.
func (f found) leftOut() []string {
	out, parts := map[string]bool{}, f.parts()
	for name := range f.dict.Tensors {
		switch {
		case !strings.HasPrefix(name, f.prefix):
			if other := apartFrom(f.prefix, name); !f.isOther(other) {
				out[other] = true
			}
		case !parts[f.part(name)] && !isNoWeight(name):
			out[f.part(name)] = true
		}
	}
	return slices.Sorted(maps.Keys(out))
}

// apartFrom is what a name begins with, up to where it leaves a prefix: visual.head of
// visual.head.proj.weight beside visual.trunk.
func apartFrom(prefix, name string) string {
	at := 0
	for {
		dot := strings.IndexByte(name[at:], '.')
		if dot < 0 {
			return name
		}
		if at += dot + 1; !strings.HasPrefix(prefix, name[:at]) {
			return name[:at-1]
		}
	}
}

// isOther says whether something of the file is among the nets that are told.
func (f found) isOther(name string) bool {
	place := strings.Trim(f.dict.Path+"."+name, ".")
	return slices.ContainsFunc(f.others, func(other string) bool { return other == place || strings.HasPrefix(other, place+".") })
}

// parts are the ones that the net's tensors are in.
func (f found) parts() map[string]bool {
	out := map[string]bool{}
	for _, name := range f.names {
		out[f.part(name)] = true
	}
	return out
}

// part is what a name of the file begins with, behind the prefix: layer1. Of torchvision's
// classifiers and timm's heads it says which layer, since a net may have all but the last: classifier.2.
func (f found) part(name string) string {
	first, rest, _ := strings.Cut(strings.TrimPrefix(name, f.prefix), ".")
	if layer, inner, deeper := strings.Cut(rest, "."); (first == "classifier" || first == "head") && deeper {
		if one, _, is := strings.Cut(inner, "."); is && layer == "fc" { // timm's heads of several layers
			layer += "." + one
		}
		return first + "." + layer
	}
	return first
}

// namings are the ways in which files may name the tensors of a backbone: as torchvision
// does; as its older files, or other libraries, do; and by number, as a Sequential of a
// torchvision net's children does, which files such as those of RadImageNet hold.
func namings(b Backbone) []naming {
	out := []naming{func(name string) string { return name }}
	if other, ok := b.(interface{ OtherNames() []func(string) string }); ok {
		for _, name := range other.OtherNames() {
			out = append(out, name)
		}
	}
	children := []string{"features"}
	if c, ok := b.(interface{ Children() []string }); ok {
		children = c.Children()
	}
	numbered := func(name string) string {
		first, rest, _ := strings.Cut(name, ".")
		if i := slices.Index(children, first); i >= 0 {
			return strconv.Itoa(i) + "." + rest
		}
		return name
	}
	for _, name := range slices.Clone(out) {
		out = append(out, func(s string) string { return numbered(name(s)) })
	}
	return out
}

// prefixes are what stands before a name in a file, the shortest first, and of those that
// are as long the one that the file has first: MoCo's encoder_q stands before its average
// encoder_k.
func prefixes(d statedict.Dict, name string) (out []string) {
	for _, has := range inOrder(d) {
		if prefix, ok := strings.CutSuffix(has, name); ok && (prefix == "" || strings.HasSuffix(prefix, ".")) {
			out = append(out, prefix)
		}
	}
	slices.SortStableFunc(out, func(x, y string) int { return cmp.Compare(len(x), len(y)) })
	return out
}

// sample names a few tensors of a file.
func sample(dicts []statedict.Dict) string {
	for _, d := range dicts {
		if len(d.Tensors) == 0 {
			continue
		}
		text := few(slices.Sorted(maps.Keys(d.Tensors)))
		if d.Path != "" {
			text += " below " + d.Path
		}
		return text
	}
	return "no tensors"
}

// few names the first of some names.
func few(names []string) string {
	const most = 3
	if len(names) > most {
		return strings.Join(names[:most], ", ") + ", …"
	}
	return strings.Join(names, ", ")
}

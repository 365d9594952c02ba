package model

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vertebra/stages/internal/safetensors"
	"vertebra/stages/internal/statedict"
	"vertebra/stages/internal/torch"
	"vertebra/stages/packages"
	"vertebra/stages/stage"
)

// loadBackbone loads the weights that a net begins with, and tells what was done to them;
// "" where they were as the net has them. The last layer of the file is for other classes and
// stays out. Releases lie in env.Pretrained; where a run has a net for each fold, that of env.Fold
// counts.
func (n *Net) loadBackbone(s *torch.Scope, cfg Config, env stage.Env) (told string, err error) {
	part, path := cfg.Backbone.Part, string(cfg.Backbone.Part.File())
	r, released := cfg.Release()
	if released {
		if path, err = r.Find(env.Pretrained); err != nil {
			return "", fmt.Errorf("weights: %w", err)
		}
	}
	file, inside := splitWeights(path)
	if file, err = ofRun(file, env.Fold); err != nil {
		return "", fmt.Errorf("weights: %w", err)
	}
	dicts, others, err := readWeights(file, inside, env.Fold)
	if err != nil {
		return "", stage.Fault{Err: fmt.Errorf("weights: %w", err), Hint: WeightsHint(part)}
	}
	if file != path && inside == "" {
		others = append(others, "those of "+filepath.Join(filepath.Base(filepath.Dir(file)), filepath.Base(file)))
	}
	var wanted []*torch.Parameter
	for _, p := range n.Store.Parameters {
		if inFile(p.Name) {
			wanted = append(wanted, p)
		}
	}
	found, err := match(prepared(dicts, part), wanted, part, inside)
	if err == nil {
		err = errors.Join(found.fit(s, part), found.corrections(n.Store.Parameters), found.sameAlpha(cfg.Lora))
	}
	if err == nil {
		notes := append(found.adapt(wanted), others...)
		if left := found.leftOut(); len(left) > 0 && !released && !packages.Is(file) {
			notes = append(notes, "left out: "+few(left))
		}
		told = strings.Join(notes, "; ")
		err = n.load(s, found.tensors, func(name string) bool { _, there := found.tensors[name]; return there || inFile(name) })
	}
	if wrong := (misfit{}); errors.As(err, &wrong) {
		err = fmt.Errorf("%w; %s", err, fitting(dicts))
	}
	if err != nil {
		hint := WeightsHint(part)
		if known := (stage.Fault{}); errors.As(err, &known) {
			err, hint = known.Err, known.Hint
		}
		return "", stage.Fault{Err: fmt.Errorf("weights %s: %w", path, err), Hint: hint}
	}
	return told, nil
}

// inFile says whether files of weights hold a parameter: those of heads are for other classes, and
// lora begins anew.
func inFile(name string) bool { return Selects(BackBone, name) && !isLora(name) }

// splitWeights takes net.pth#teacher apart: a file, and where in it the tensors are.
func splitWeights(path string) (file, inside string) {
	at := strings.LastIndexByte(path, '#') // a folder's name may have one, too
	if _, err := os.Stat(path); err == nil || at < 0 {
		return path, ""
	}
	return path[:at], path[at+1:]
}

// WeightsHint says what file is wanted, and which words stand for one.
func WeightsHint(b Backbone) string {
	origin := "torchvision's names, such as a state_dict of torchvision.models"
	if other, ok := b.(interface{ Origin() string }); ok {
		origin = other.Origin()
	}
	hint := "model.backbone takes a safetensors or .pth file with " + origin + ", or a package of runner export package"
	published, ok := b.(Published)
	if !ok {
		return hint
	}
	by := "torchvision"
	for _, r := range published.Releases() {
		hint, by = hint+", or "+r.Word, cmp.Or(r.By, by)
	}
	return hint + ": weights that " + by + " publishes"
}

// readWeights gives what a file has; of a package's nets the one that inside names, that of the
// fold, or the first, and then it tells of the others.
func readWeights(path, inside string, fold int) (dicts []statedict.Dict, told []string, err error) {
	if err := standsFor(path); err != nil {
		return nil, nil, err
	}
	switch {
	case strings.EqualFold(filepath.Ext(path), ".safetensors"):
		f, err := safetensors.Read(path)
		return []statedict.Dict{{Tensors: f.Tensors, Metadata: f.Metadata}}, nil, err
	case packages.Is(path):
		return readPackage(path, inside, fold)
	}
	dicts, err = statedict.Read(path)
	return dicts, nil, err
}

func readPackage(path, inside string, fold int) (dicts []statedict.Dict, told []string, err error) {
	p, err := packages.Open(path)
	if err != nil {
		return nil, nil, err
	}
	nets := p.Nets()
	if inside == "" {
		if inside = ofFold(nets, fold); inside != "" {
			told = append(told, "the net "+inside)
		}
	}
	at := 0
	if inside != "" {
		at = slices.IndexFunc(nets, func(n packages.Net) bool { return n.Place() == inside })
	}
	var places []string
	for i, net := range nets {
		if i != at {
			places = append(places, net.Place())
		}
	}
	if at < 0 {
		return nil, nil, fmt.Errorf("package %s has no net %s; it has %s", path, inside, strings.Join(places, ", "))
	}
	if inside == "" && len(places) > 0 {
		told = append(told, fmt.Sprintf("the package has more nets, %s: write #%s behind its name to take that one", strings.Join(places, ", "), places[0]))
	}
	data, err := p.Weights(nets[at]).Read()
	if err != nil {
		return nil, nil, err
	}
	f, err := safetensors.Decode(data)
	return []statedict.Dict{{Path: nets[at].Place(), Tensors: f.Tensors, Metadata: f.Metadata}}, told, err
}

// prepared lets a backbone name what is in a file, or join it, so that it can be found.
func prepared(dicts []statedict.Dict, b Backbone) []statedict.Dict {
	other, ok := b.(interface {
		Prepare(statedict.Dict) statedict.Dict
	})
	if !ok {
		return dicts
	}
	var out []statedict.Dict
	for _, d := range dicts {
		by := other.Prepare(d)
		by.Metadata = d.Metadata
		out = append(out, by)
	}
	return out
}

// fit refuses a file of another net that has all that is wanted, lets a backbone put in its order what other libraries have in another, and one whose
// tensors depend on the size of images make those of another size fit.
func (f found) fit(s *torch.Scope, b Backbone) error {
	if err := f.refused(b); err != nil {
		return err
	}
	if setting, ok := b.(interface{ Fits(names []string) error }); ok {
		if err := setting.Fits(f.names); err != nil {
			return err
		}
	}
	if telling, ok := b.(interface{ Agrees(statedict.Dict) error }); ok {
		if err := telling.Agrees(f.dict); err != nil {
			return err
		}
	}
	f.reorder(b)
	if sized, ok := b.(interface {
		Fit(*torch.Scope, map[string]safetensors.Tensor) error
	}); ok {
		return sized.Fit(s, f.tensors)
	}
	return nil
}

// reorder makes the backbone's of what other libraries have otherwise.
func (f found) reorder(b Backbone) {
	if other, ok := b.(interface {
		Reorder(names []string, tensors map[string]safetensors.Tensor)
	}); ok {
		other.Reorder(f.names, f.tensors)
	}
}

// refused is why a backbone will not have a file, although it has all that is wanted.
func (f found) refused(b Backbone) error {
	if picky, ok := b.(interface{ Refuse(beside []string) error }); ok {
		return picky.Refuse(append(f.leftOut(), f.unused...))
	}
	return nil
}

// adapt makes tensors fit that differ in a way that is known, and says what was done.
func (f found) adapt(wanted []*torch.Parameter) (told []string) {
	if f.place != "" {
		told = append(told, fmt.Sprintf("%d tensors below %s", len(wanted), f.place))
	}
	if len(f.others) > 0 {
		told = append(told, fmt.Sprintf("the file has them below %s, too: write #%s behind its name to take those", strings.Join(f.others, ", "), f.others[0]))
	}
	if n := len(f.unused); n > 0 {
		told = append(told, fmt.Sprintf("the file has %d more beside them, such as %s: it may be of another net", n, f.unused[0]))
	}
	for _, p := range wanted {
		if t := f.tensors[p.Name]; isStem(t.Shape, p.Shape, p == wanted[0]) {
			f.tensors[p.Name] = forChannels(t, p.Shape[1])
			told = append(told, fmt.Sprintf("%s made for %d channels of its %d", p.Name, p.Shape[1], t.Shape[1]))
		}
	}
	return told
}

// isStem says whether a kernel is one for three colours, or for grey images, where another number
// of channels is wanted. Of grey ones only the first of a net is: elsewhere it would be one of groups.
func isStem(have, want []int64, first bool) bool {
	if len(have) < 4 || len(have) != len(want) || have[1] == want[1] || have[0] != want[0] || !slices.Equal(have[2:], want[2:]) {
		return false
	}
	return have[1] == 3 || have[1] == 1 && (first || len(have) == 5)
}

// forChannels makes kernel_OIHW, or kernel_OIDHW, of three colours or of grey one for so many channels: for one it is the
// sum of the three; for more they are repeated, and scaled so that channels that are alike
// give what a grey image gives. As timm's adapt_input_conv does.
func forChannels(kernel_OIHW safetensors.Tensor, channels int64) safetensors.Tensor {
	shape, plane, has := slices.Clone(kernel_OIHW.Shape), int64(1), kernel_OIHW.Shape[1]
	shape[1] = channels
	for _, n := range shape[2:] {
		plane *= n
	}
	out := safetensors.Tensor{Shape: shape, Data: make([]float32, shape[0]*channels*plane)}
	for o := range shape[0] {
		from, to := kernel_OIHW.Data[o*has*plane:], out.Data[o*channels*plane:]
		for i := range max(has, channels) {
			for k := range plane {
				if channels == 1 {
					to[k] += from[i*plane+k]
				} else if i < channels {
					to[i*plane+k] = from[i%has*plane+k] * float32(has) / float32(channels)
				}
			}
		}
	}
	return out
}

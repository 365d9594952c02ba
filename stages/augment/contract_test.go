package augment

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// examples is, for every augmentation, a recipe that surely changes an image and
// one of zero strength; "" where the default does.
var examples = map[string]struct{ strong, zero string }{
	"flip":               {"{horizontal: 1}", "{horizontal: 0, vertical: 0}"},
	"rotate":             {"", "{degrees: 0}"},
	"zoom":               {"", "{by: 0}"},
	"shift":              {"", "{by: 0}"},
	"shear":              {"{axes: both}", "{degrees: 0}"},
	"perspective":        {"", "{by: 0}"},
	"resized_crop":       {"", "{area: [1, 1], ratio: [1, 1]}"},
	"elastic":            {"", "{alpha: 0}"},
	"grid_distortion":    {"", "{by: 0}"},
	"brightness":         {"", "{by: 0}"},
	"contrast":           {"", "{by: 0}"},
	"gamma":              {"", "{by: 0}"},
	"noise":              {"{kind: rician}", "{std: 0}"},
	"blur":               {"", "{sigma: 0}"},
	"sharpen":            {"", "{amount: 0}"},
	"bias_field":         {"", "{by: 0}"},
	"coarse_dropout":     {"{size: 0.4}", "{size: 0}"},
	"mixup":              {"", "{alpha: 0}"},
	"cutmix":             {"{alpha: 5}", "{alpha: 0}"},
	"one_of":             {"{of: [rotate, blur, elastic]}", "{of: [rotate: {degrees: 0}, blur: {sigma: 0}]}"},
	"some_of":            {"{of: [rotate, blur, elastic, one_of: {of: [gamma, noise]}]}", "{of: [rotate, blur], p: 0}"},
	"rotate90":           {"", "{p: 0}"},
	"optical_distortion": {"", "{by: 0}"},
	"motion_blur":        {"", "{length: 0}"},
	"saturation":         {"", "{by: 0}"},
	"hue":                {"", "{by: 0}"},
	"stain":              {"", "{by: 0}"},
	"reverse":            {"{p: 1}", "{p: 0}"},
	"slice_dropout":      {"{p: 1, share: 0.7}", "{p: 1, share: 0}"},
	"slice_shift":        {"", "{by: 0}"},
	"border":             {"{fill: reflect}", "{fill: constant, value: 1}"},
	"interpolation":      {"{method: bicubic}", "{method: nearest}"},
}

const (
	channels = 3
	height   = 97
	width    = 61
)

// pictures are n smooth images with values in [0.05, 0.95].
func pictures(n int) []float32 {
	out := make([]float32, 0, n*channels*height*width)
	for i := range n * channels * height * width {
		x, y, k := float64(i%width), float64(i/width%height), float64(i/width/height)
		out = append(out, float32(0.5+0.45*math.Sin(0.21*x+k)*math.Cos(0.13*y-k)))
	}
	return out
}

func names(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("sample %d", i)
	}
	return out
}

// images uploads n pictures.
func images(s *torch.Scope, pixels []float32) torch.Tensor {
	return s.FromFloat32(pixels, int64(len(pixels)/(channels*height*width)), channels, height, width)
}

// recipes gives the strong and the zero recipe of each augmentation, and wants
// both to be there.
func recipes(t *testing.T) map[string][2]Config {
	out := map[string][2]Config{}
	for _, name := range Augmentations.Names() {
		e, ok := examples[name]
		if !ok {
			t.Errorf("%s has no example here", name)
			continue
		}
		out[name] = [2]Config{parse(t, fmt.Sprintf("[%s: %s]", name, e.strong)), parse(t, fmt.Sprintf("[%s: %s]", name, e.zero))}
	}
	return out
}

// TestEveryAugmentation is what all registered parts must keep to: shape and
// range stay, the input is left alone, zero strength changes nothing, and equal
// batches give equal results.
func TestEveryAugmentation(t *testing.T) {
	const n = 3
	in := pictures(n)
	for name, recipe := range recipes(t) {
		do(t, func(s *torch.Scope) {
			x := images(s, in)
			b := Batch{Images_BCHW: x, Samples: names(n), Slices: channels, Colours: true, Seed: 5, Epoch: 3, Step: 7}
			strong := recipe[0].Apply(s, b)
			out := s.Float32s(strong.Images_BCHW)
			if shape := s.Describe(strong.Images_BCHW).Shape; !reflect.DeepEqual(shape, []int64{n, channels, height, width}) {
				t.Errorf("%s: shape %v", name, shape)
			}
			for _, v := range out {
				if !(v >= 0 && v <= 1) {
					t.Errorf("%s: the pixel %v is not in [0, 1]", name, v)
					break
				}
			}
			_, setting := recipe[0][0].Part.(Setting)
			if same := apart(out, in, height, width, 0) == 0; same != setting {
				t.Errorf("%s: changed nothing: %v", name, same)
			}
			if !reflect.DeepEqual(s.Float32s(x), in) {
				t.Errorf("%s changed its input", name)
			}
			if again := recipe[0].Apply(s, b); !reflect.DeepEqual(s.Float32s(again.Images_BCHW), out) || !reflect.DeepEqual(again.Share, strong.Share) {
				t.Errorf("%s: the same batch gave something else", name)
			}
			if d := apart(s.Float32s(recipe[1].Apply(s, b).Images_BCHW), in, height, width, 0); !(d < 1e-5) {
				t.Errorf("%s at zero strength changed pixels by %v", name, d)
			}
		})
	}
}

// everything is a recipe of all augmentations but mixing, each by chance.
const everything = `[flip, rotate: {p: 0.7}, elastic: {p: 0.5}, zoom: {p: 0.6}, grid_distortion: {p: 0.5}, shift: {p: 0.5}, shear: {p: 0.4},
  perspective: {p: 0.4}, resized_crop: {p: 0.4}, brightness: {p: 0.5}, contrast: {p: 0.5}, gamma: {p: 0.5}, noise: {p: 0.5}, blur: {p: 0.5},
  sharpen: {p: 0.5}, bias_field: {p: 0.5}, coarse_dropout: {p: 0.5}, one_of: {of: [blur, noise, rotate]}, some_of: {of: [gamma, elastic, contrast]},
  rotate90: {p: 0.5}, optical_distortion: {p: 0.5}, motion_blur: {p: 0.5}, saturation: {p: 0.5}, hue: {p: 0.5}, stain: {p: 0.5}]`

// TestBatchDoesNotMatter: an image gets the same bits alone, in a batch, and in
// another order.
func TestBatchDoesNotMatter(t *testing.T) {
	const n = 6
	all, size := names(n), channels*height*width
	in := pictures(n)
	check := map[string]Config{"everything": parse(t, everything)}
	for name, recipe := range recipes(t) {
		if !recipe[0].Mixes() {
			check[name] = recipe[0]
		}
	}
	for name, recipe := range check {
		do(t, func(s *torch.Scope) {
			whole := s.Float32s(recipe.Apply(s, Batch{Images_BCHW: images(s, in), Samples: all, Colours: true, Seed: 1, Epoch: 2}).Images_BCHW)
			for i := range n {
				alone := s.Float32s(recipe.Apply(s, Batch{Images_BCHW: images(s, in[i*size:(i+1)*size]), Samples: all[i : i+1], Colours: true, Seed: 1, Epoch: 2}).Images_BCHW)
				if !reflect.DeepEqual(alone, whole[i*size:(i+1)*size]) {
					t.Errorf("%s: image %d differs by %v when it is alone", name, i, apart(alone, whole[i*size:(i+1)*size], height, width, 0))
				}
			}
			swapped := append(append([]float32{}, in[size:2*size]...), in[:size]...)
			two := s.Float32s(recipe.Apply(s, Batch{Images_BCHW: images(s, swapped), Samples: []string{all[1], all[0]}, Colours: true, Seed: 1, Epoch: 2}).Images_BCHW)
			if !reflect.DeepEqual(two[size:], whole[:size]) {
				t.Errorf("%s: the order of the batch matters", name)
			}
		})
	}
}

// TestDrawsDependOnSeedEpochAndSample, and on nothing else.
func TestDrawsDependOnSeedEpochAndSample(t *testing.T) {
	size := Size{Height: height, Width: width}
	for name, recipe := range recipes(t) {
		draws := func(seed uint64, epoch int, sample string) []leaf {
			return recipe[0].plan(Batch{Samples: []string{sample}, Seed: seed, Epoch: epoch}, size).leaves
		}
		base := draws(1, 1, "a")
		if !reflect.DeepEqual(base, draws(1, 1, "a")) {
			t.Errorf("%s: the same draw differs", name)
		}
		if len(base) == 0 {
			continue
		}
		for what, other := range map[string][]leaf{"seed": draws(2, 1, "a"), "epoch": draws(1, 2, "a"), "sample": draws(1, 1, "b")} {
			if reflect.DeepEqual(base, other) {
				t.Errorf("%s: another %s drew the same", name, what)
			}
		}
	}
}

// TestDrawsKeepTheirCount: an entry draws equally many finite numbers for each image.
func TestDrawsKeepTheirCount(t *testing.T) {
	size := Size{Height: height, Width: width}
	for name, recipe := range recipes(t) {
		part, ok := recipe[0][0].Part.(Random)
		if !ok {
			continue
		}
		want := len(part.Draw(stage.Rand(0, name), size))
		for seed := range uint64(50) {
			numbers := part.Draw(stage.Rand(seed, name), size)
			for _, v := range numbers {
				if math.IsNaN(v) || math.IsInf(v, 0) {
					t.Errorf("%s drew %v", name, numbers)
				}
			}
			if len(numbers) != want {
				t.Errorf("%s drew %d numbers, then %d", name, want, len(numbers))
			}
		}
	}
}

// TestCPUAndCUDAAgree compares the devices; it needs a GPU.
func TestCPUAndCUDAAgree(t *testing.T) {
	gpu, err := torch.Open(torch.Options{Device: "cuda"})
	if err != nil {
		t.Skip("no CUDA device: ", err)
	}
	defer gpu.Close()
	const n = 6
	in := pictures(n)
	check := map[string]Config{"everything": parse(t, everything)}
	for name, recipe := range recipes(t) {
		check[name] = recipe[0]
	}
	for name, recipe := range check {
		var results [2][]float32
		work := func(to *[]float32) func(*torch.Scope) {
			return func(s *torch.Scope) {
				*to = s.Float32s(recipe.Apply(s, Batch{Images_BCHW: images(s, in), Samples: names(n), Colours: true, Seed: 1, Epoch: 2}).Images_BCHW)
			}
		}
		do(t, work(&results[0]))
		if err := gpu.Do(t.Context(), func(s *torch.Scope) error { work(&results[1])(s); return s.Err() }); err != nil {
			t.Fatal(err)
		}
		d := apart(results[0], results[1], height, width, 0)
		t.Logf("%-16s %.1e", name, d)
		if !(d < 2e-4) {
			t.Errorf("%s: CPU and CUDA are %v apart", name, d)
		}
	}
}

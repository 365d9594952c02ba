package asking

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"image/png"
	"maps"
	"math"
	"path/filepath"
	"slices"

	"vertebra/stages/audit"
	"vertebra/stages/preprocess"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// Stack is a series of slices, or an image alone, by the names of the files as they were sent.
type Stack struct {
	Name   string   `json:"name"`
	Images []string `json:"images"` // in the order of the slices; frames of a file are heart.dcm#1 and so on
}

// Stacks says which slices belong together, and in what order, so that somebody can point at one.
// Of q files count, of env workers and clock; cache is a folder which whoever asks empties.
func (a *Asker) Stacks(ctx context.Context, env stage.Env, q Question, cache string) (out []Stack, err error) {
	defer func() { err = local(err, q.Dir) }()
	env.Recorder, env.Cache, env.CacheBytes = stage.Discard, cache, 0
	where, err := a.Wants.arrange(ctx, env, q)
	if err != nil {
		return nil, err
	}
	unseen := audit.Unseen{Paths: within(q.Dir, topmost(where.Files)), Sample: "point", Plane: a.opened[0].Experiment.Data.Plane, Asked: stage.Questions{Classes: []string{"no", "yes"}}}
	if a.Wants.Stacks {
		unseen.Sample = "series"
	}
	cases, err := unseen.Read(ctx, env)
	if err != nil {
		return nil, err
	}
	files := map[string][]string{}
	for _, one := range cases.Cases {
		images := one.Images
		if images == nil {
			images = []string{one.Image}
		}
		name, _ := stage.ParseFramePath(one.ID)
		files[name] = append(files[name], images...)
	}
	for _, name := range slices.SortedFunc(maps.Keys(files), stage.CompareNames) {
		stack := Stack{Name: where.sent(withoutFolder(name, q.Dir))}
		for _, path := range files[name] {
			stack.Images = append(stack.Images, where.sent(withoutFolder(path, q.Dir)))
		}
		out = append(out, stack)
	}
	if len(out) == 0 {
		return nil, stage.Fault{Err: fmt.Errorf("none of %d files is an image that can be read", len(q.Files)), Hint: "send DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP or PNM files"}
	}
	return out, nil
}

// Shown is an image as it is in its file, for somebody to point at.
type Shown struct {
	PNG    []byte     `json:"png"`
	ToFile [6]float64 `json:"to_file"` // place (x, y) of the picture is (a·x + b·y + c, d·x + e·y + f) of the file's pixels
}

// Show draws an image of a folder: a file, or a frame of one. It lies as the nets see it; pixels are
// those of the file.
func (a *Asker) Show(dir, path string) (shown Shown, err error) {
	defer func() { err = local(err, dir) }()
	p := preprocess.Picture{Case: stage.Case{ID: path, Image: filepath.Join(dir, path)}}
	if err := a.decode().Apply(&p); err != nil {
		return shown, stage.Fault{Err: err, Hint: "send DICOM, NIfTI, PNG, JPEG, TIFF, BMP, WebP or PNM files"}
	}
	every := (max(p.Width, p.Height) + mostShown - 1) / mostShown
	if shown.ToFile, err = inverse(p.Map, every); err != nil {
		return shown, err
	}
	var out bytes.Buffer
	err = (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&out, painted(&p, every))
	shown.PNG = out.Bytes()
	return shown, err
}

// mostShown is how many pixels a side of a shown image has at most: of larger ones only every so
// manieth is shown.
const mostShown = 2048

// decode is how the run reads files, in colour where they have some.
func (a *Asker) decode() preprocess.Decode {
	d := preprocess.Decode{Padding: "darkest", Orientation: "stored"}
	at := slices.IndexFunc(a.opened[0].Experiment.Preprocess, func(s registry.One[preprocess.Step]) bool { return s.Name == "decode" })
	if at >= 0 {
		if own, ok := a.opened[0].Experiment.Preprocess[at].Part.(preprocess.Decode); ok {
			d.Orientation = own.Orientation
		}
	}
	d.Colour = "rgb"
	return d
}

// inverse leads back from pixels of a picture, of which every so manieth is shown, to those of its file.
func inverse(m preprocess.Map, every int) (out [6]float64, err error) {
	det := m.XX*m.YY - m.XY*m.YX
	if det == 0 || math.IsNaN(det) || math.IsInf(det, 0) {
		return out, fmt.Errorf("the picture has no place for pixels of its file: %+v", m)
	}
	xx, xy, yx, yy := m.YY/det, -m.XY/det, -m.YX/det, m.XX/det
	n, shift := float64(every), float64((every-1)/2) // see painted
	return [6]float64{n * xx, n * xy, xx*(shift-m.X0) + xy*(shift-m.Y0), n * yx, n * yy, yx*(shift-m.X0) + yy*(shift-m.Y0)}, nil
}

// painted makes a picture of values: from the darkest to the brightest by the window of a DICOM file,
// else all but a two-hundredth at either end, as pixels of bad hardware lie there. Of large images
// it shows the middle pixel of each square of so many by so many.
func painted(p *preprocess.Picture, every int) image.Image {
	low, high := ends(p)
	level := func(v float32) uint8 {
		return uint8(math.Round(255 * min(max((float64(v)-low)/(high-low), 0), 1)))
	}
	n := p.Width * p.Height
	img := image.NewNRGBA(image.Rect(0, 0, max(1, p.Width/every), max(1, p.Height/every)))
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			i := min(y*every+(every-1)/2, p.Height-1)*p.Width + min(x*every+(every-1)/2, p.Width-1)
			copy(img.Pix[img.PixOffset(x, y):], []uint8{level(p.Pixels[i]), level(p.Pixels[n+i]), level(p.Pixels[2*n+i]), 255})
		}
	}
	return img
}

// ends are the values that are black and white; where the file says how it is to be shown, pixels
// become that first.
func ends(p *preprocess.Picture) (low, high float64) {
	if err := (preprocess.Window{By: "tag", Number: 1}).Apply(p); err == nil {
		return 0, 1
	}
	const most, cut = 1 << 16, 0.005
	some := make([]float64, 0, most)
	for i := 0; i < len(p.Pixels); i += 1 + len(p.Pixels)/most {
		if v := float64(p.Pixels[i]); !math.IsNaN(v) && !math.IsInf(v, 0) {
			some = append(some, v)
		}
	}
	slices.Sort(some)
	if len(some) == 0 {
		return 0, 1
	}
	low, high = some[int(cut*float64(len(some)-1))], some[int((1-cut)*float64(len(some)-1))]
	if !(high > low) {
		high = low + 1
	}
	return low, high
}

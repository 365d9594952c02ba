package audit

import (
	"context"
	"maps"
	"math"
	"math/bits"
	"os"
	"slices"

	"github.com/zeebo/xxh3"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/headers"
	"vertebra/stages/internal/kernel"
	"vertebra/stages/internal/nifti"
	"vertebra/stages/internal/raster"
	"vertebra/stages/stage"
)

// look is what the pixels of an image tell.
type look struct {
	Hash  [16]byte // of size and pixels, whatever the file's format
	Blank bool     // all pixels are equal
	Marks [4]uint64
	Thumb [thumbSide * thumbSide]byte // means over equal parts, from 0 for the darkest to 255
	Err   string
}

const (
	thumbSide = 32
	lookMagic = "vertebra looks 2\n"
)

// Look is Run with a pass over the pixels of all images that cases use: blank
// images, duplicates, exact and near, and what they imply for labels and splits.
// What it learns of a file is remembered in the cache folder.
func Look(ctx context.Context, env stage.Env, cfg Config) (Cases, error) {
	c, err := Begin(ctx, env, cfg)
	if err != nil {
		return Cases{}, err
	}
	return c.Look(ctx, env)
}

// Begin is the part of Look that reads no pixels, and records nothing: others may
// show the images that they decode to Cases.Looks, before Cases.Look ends it.
func Begin(ctx context.Context, env stage.Env, cfg Config) (Cases, error) {
	a, err := run(ctx, env, cfg)
	if err != nil {
		return Cases{}, err
	}
	a.using = a.uses()
	c := a.Cases
	c.Looks = newLooks(env, a)
	return c, nil
}

// Look ends what Begin began: it reads the pixels that it was not shown, applies the
// rules on pixels, and records what the audit found.
func (c Cases) Look(ctx context.Context, env stage.Env) (Cases, error) {
	a := c.Looks.audited
	if err := c.Looks.rest(ctx, env); err != nil {
		return Cases{}, err
	}
	a.looks = c.Looks.found
	for _, id := range order {
		r := rules[id]
		if !r.Pixels() {
			continue
		}
		f := r.finding(r.look(a.view), a.cfg.Rules.of(r))
		if f != nil {
			f.Reason = a.Local(f.Reason)
		}
		if f != nil && f.Done == "refused" {
			return Cases{}, f.refusal()
		}
		if f != nil {
			a.Findings = append(a.Findings, *f)
		}
	}
	sortFindings(a.Findings)
	a.leak.fact += a.pixelFact()
	return a.Cases, a.Cases.tell(ctx, env, a.leak)
}

// Tell records what the audit found without pixels, where Look will not come to it.
func (c Cases) Tell(ctx context.Context, env stage.Env) error {
	return c.tell(ctx, env, c.Looks.leak)
}

// pixelFiles lists the images of all cases, sorted.
func (v *view) pixelFiles() []string {
	return slices.Sorted(maps.Keys(v.using))
}

// fixedLook is what the cache keeps of a look.
type fixedLook struct {
	Hash  [16]byte
	Blank bool
	Marks [4]uint64
	Thumb [thumbSide * thumbSide]byte
}

func (l look) fixed() fixedLook { return fixedLook{l.Hash, l.Blank, l.Marks, l.Thumb} }

// pixels is a grey image, row by row.
type pixels struct {
	width, height int
	values        []float32
}

// readPixels decodes an image of any format that sources take, or a frame of one.
func readPixels(path string) (pixels, error) {
	file, frame := stage.ParseFramePath(path)
	format, err := headers.Format(file)
	if err != nil {
		return pixels{}, err
	}
	switch format {
	case "dicom":
		img, err := dicom.ReadFrame(file, frame-1)
		return pixels{img.Columns, img.Rows, img.Image().Pixels}, err
	case "nifti":
		volume, err := readVolume(file)
		if err != nil {
			return pixels{}, err
		}
		return volume.slice(frame)
	}
	img, err := raster.Read(file)
	if err != nil {
		return pixels{}, err
	}
	return pixels{img.Width, img.Height, img.Grey()}, nil
}

// volume is the unpacked content of a NIfTI file.
type volume []byte

func readVolume(file string) (volume, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return nifti.Unpack(data)
}

// slice is one of the volume, from 1; 0 is the first.
func (v volume) slice(frame int) (pixels, error) {
	h, values, err := nifti.Slice(v, max(frame, 1))
	return pixels{h.Columns, h.Rows, values}, err
}

func (p pixels) look() look {
	l := look{Hash: p.hash()}
	low, high := kernel.Range(p.values)
	if l.Blank = low == high; l.Blank {
		return l
	}
	for i, v := range p.means(thumbSide, thumbSide) {
		l.Thumb[i] = byte(255 * (v - float64(low)) / float64(high-low))
	}
	l.Marks = gradients(p.means(17, 16))
	return l
}

// means averages over a grid of equal parts; an image of fewer pixels than parts
// repeats them.
func (p pixels) means(columns, rows int) []float64 {
	out := make([]float64, 0, columns*rows)
	sums := kernel.Bands(p.values, p.width, rows)
	for j := range rows {
		top, bottom := kernel.Part(j, rows, p.height)
		for i := range columns {
			left, right := kernel.Part(i, columns, p.width)
			sum := 0.0
			for _, v := range sums[j*p.width+left : j*p.width+right] {
				sum += v
			}
			out = append(out, sum/float64((bottom-top)*(right-left)))
		}
	}
	return out
}

// hash is of size and values; no adversary chooses the files.
func (p pixels) hash() [16]byte {
	h := xxh3.Hash128Seed(kernel.Bytes(p.values), uint64(p.width))
	return h.Bytes()
}

// gradients is the difference hash of 256 bits (Krawetz 2013) of means over 16 rows
// of 17 parts: whether each part is darker than its right neighbour.
func gradients(m []float64) (out [4]uint64) {
	for bit := range 256 {
		at := bit/16*17 + bit%16
		if m[at] < m[at+1] {
			out[bit/64] |= 1 << (bit % 64)
		}
	}
	return out
}

// Near duplicates differ in few bits of the hash, and their thumbnails correlate:
// the hash alone also brings together pictures of like anatomy.
const (
	nearBits        = 24
	nearCorrelation = 0.995
)

// alike says whether two hashes differ in few bits.
func alike(a, b *[4]uint64) bool {
	return bits.OnesCount64(a[0]^b[0])+bits.OnesCount64(a[1]^b[1])+bits.OnesCount64(a[2]^b[2])+bits.OnesCount64(a[3]^b[3]) <= nearBits
}

// correlation is Pearson's.
func correlation(a, b []byte) float64 {
	var sa, sb, aa, bb, ab float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		sa, sb, aa, bb, ab = sa+x, sb+y, aa+x*x, bb+y*y, ab+x*y
	}
	n := float64(len(a))
	return (n*ab - sa*sb) / math.Sqrt((n*aa-sa*sa)*(n*bb-sb*sb))
}

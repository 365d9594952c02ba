package audit

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"maps"
	"math"
	"math/bits"
	"os"
	"slices"

	"vertebra/stages/internal/dicom"
	"vertebra/stages/internal/raster"
	"vertebra/stages/stage"
)

// look is what the pixels of an image tell.
type look struct {
	Hash  [32]byte // SHA-256 of size and pixels, whatever the file's format
	Blank bool     // all pixels are equal
	Marks [4]uint64
	Thumb [thumbSide * thumbSide]byte // means over equal parts, from 0 for the darkest to 255
	Err   string
}

const (
	thumbSide = 32
	lookMagic = "vertebra looks 1\n"
)

// Look is Run with a pass over the pixels of all images that cases use: blank
// images, duplicates, exact and near, and what they imply for labels and splits.
// What it learns of a file is remembered in the cache folder.
func Look(ctx context.Context, env stage.Env, cfg Config) (Cases, error) {
	a, err := run(ctx, env, cfg)
	if err != nil {
		return Cases{}, err
	}
	a.index()
	if a.looks, err = readLooks(ctx, env, a.pixelFiles()); err != nil {
		return Cases{}, err
	}
	for _, id := range order {
		r := rules[id]
		if !r.Pixels() {
			continue
		}
		f := r.finding(r.look(a.view), cfg.Rules.of(r))
		if f != nil && f.Done == "refused" {
			return Cases{}, f.refusal()
		}
		if f != nil {
			a.Findings = append(a.Findings, *f)
		}
	}
	sortFindings(a.Findings)
	a.leak.fact += a.pixelFact()
	return a.Cases, a.Cases.tell(ctx, env, a.request, a.leak)
}

// pixelFiles lists the images of all cases, sorted.
func (v *view) pixelFiles() []string {
	return slices.Sorted(maps.Keys(v.using))
}

func readLooks(ctx context.Context, env stage.Env, paths []string) (map[string]look, error) {
	cache := openCache(env.Cache, "looks.bin", lookMagic)
	found, fresh := make([]look, len(paths)), make([][]byte, len(paths))
	err := eachFile(ctx, env, "pixels", paths, func(i int) { found[i], fresh[i] = readLook(cache, paths[i]) })
	out, added := make(map[string]look, len(paths)), map[string][]byte{}
	for i, path := range paths {
		if out[path] = found[i]; fresh[i] != nil {
			added[absolute(path)] = fresh[i]
		}
	}
	return out, errors.Join(err, cache.add(added))
}

func readLook(cache *fileCache, path string) (l look, fresh []byte) {
	info, err := os.Stat(path)
	if err != nil {
		return look{Err: err.Error()}, nil
	}
	if known := cache.record(path, info); len(known) == binary.Size(look{}.fixed()) {
		var f fixedLook
		if _, err := binary.Decode(known, binary.LittleEndian, &f); err == nil {
			return look{Hash: f.Hash, Blank: f.Blank, Marks: f.Marks, Thumb: f.Thumb}, nil
		}
	}
	p, err := readPixels(path)
	if err != nil {
		return look{Err: err.Error()}, nil
	}
	l = p.look()
	record, err := binary.Append(stamp(info), binary.LittleEndian, l.fixed())
	if err != nil {
		return l, nil
	}
	return l, record
}

// fixedLook is what the cache keeps of a look.
type fixedLook struct {
	Hash  [32]byte
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

// readPixels decodes an image of any format that sources take.
func readPixels(path string) (pixels, error) {
	format, err := formatOf(path)
	if err != nil {
		return pixels{}, err
	}
	if format == "dicom" {
		return readFrames(path)
	}
	img, err := raster.Read(path)
	if err != nil {
		return pixels{}, err
	}
	return pixels{img.Width, img.Height, img.Grey()}, nil
}

// readFrames puts the frames of a DICOM file below one another.
func readFrames(path string) (pixels, error) {
	h, err := dicom.ReadHeader(path)
	if err != nil {
		return pixels{}, err
	}
	if h.Frames <= 1 {
		img, err := dicom.ReadImage(path)
		return pixels{img.Columns, img.Rows, img.Pixels}, err
	}
	p := pixels{width: h.Columns, height: h.Rows * h.Frames}
	for i := range h.Frames {
		frame, err := dicom.ReadFrame(path, i)
		if err != nil {
			return p, err
		}
		p.values = append(p.values, frame.Image().Pixels...)
	}
	return p, nil
}

func (p pixels) look() look {
	l := look{Hash: p.hash()}
	low, high := slices.Min(p.values), slices.Max(p.values)
	if l.Blank = low == high; l.Blank {
		return l
	}
	for i, v := range p.means(thumbSide, thumbSide) {
		l.Thumb[i] = byte(255 * (v - float64(low)) / float64(high-low))
	}
	l.Marks = p.gradients()
	return l
}

func (p pixels) hash() [32]byte {
	data := binary.LittleEndian.AppendUint64(nil, uint64(p.width)<<32|uint64(p.height))
	for _, v := range p.values {
		data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
	}
	return sha256.Sum256(data)
}

// means averages over a grid of equal parts; an image of fewer pixels than parts
// repeats them.
func (p pixels) means(columns, rows int) []float64 {
	out := make([]float64, 0, columns*rows)
	for j := range rows {
		top, bottom := part(j, rows, p.height)
		for i := range columns {
			left, right := part(i, columns, p.width)
			sum := 0.0
			for y := top; y < bottom; y++ {
				for _, v := range p.values[y*p.width+left : y*p.width+right] {
					sum += float64(v)
				}
			}
			out = append(out, sum/float64((bottom-top)*(right-left)))
		}
	}
	return out
}

func part(i, of, size int) (from, to int) {
	from = i * size / of
	return from, max((i+1)*size/of, from+1)
}

// gradients is the difference hash of 256 bits (Krawetz 2013): whether each of
// 16×17 parts is darker than its right neighbour.
func (p pixels) gradients() (out [4]uint64) {
	m := p.means(17, 16)
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

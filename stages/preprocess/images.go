package preprocess

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Images are preprocessed pixels in a memory-mapped file, shared by every
// process that maps it. They may be read from several goroutines.
type Images struct {
	// Cases are those of the run, less the dropped ones: one for each image, or, where a
	// net answers several targets of a sample, one after the other those of each.
	Cases []stage.Case
	// Classes names the classes; a case's label is an index into them.
	Classes []string
	// Targets names what the net answers of each sample; nil where it is one thing.
	Targets []string
	// Among are the classes of each target; see stage.Questions.
	Among [][]int
	// Covariates are what nets are given besides an image; nil where nothing.
	Covariates stage.Covariates
	// Views names the pictures that are the channels of each image; nil where it is one.
	Views []string
	// Mean and Std are over all pixels of a split, in [0, 1]; Std is that of the
	// population. A split without images has neither.
	Mean, Std map[stage.Split]float64

	head  contents
	views int   // pictures that are the channels of an image
	lost  int   // samples of which a view could not be used
	slots []int // the first picture of each image
	// Of images with blank views, by their number: the slots of their views, −1 for a blank
	// one, and their pixels.
	parts map[int][]int
	own   map[int][]byte

	of     []int // the image of each case
	firsts []int // the first case of each image
	layout Layout
	mapped []byte
}

// Questions are what a net is asked about each sample.
func (im *Images) Questions() stage.Questions {
	return stage.Questions{Classes: im.Classes, Targets: im.Targets, Among: im.Among}
}

// Shape is the size of every image.
func (im *Images) Shape() Shape { return im.head.Shape.in(im.views) }

// Len is how many images there are.
func (im *Images) Len() int { return len(im.slots) }

// BytesPerPixel is 1 or 2.
func (im *Images) BytesPerPixel() int { return im.layout.BytesPerPixel }

// Scale turns a stored number into an intensity in [0, 1].
func (im *Images) Scale() float32 { return 1 / im.layout.full() }

// Slices is how many slices of each view are its channels; 1 where they are colours, or one
// slice.
func (im *Images) Slices() int { return im.layout.Slices }

// Normalisation is how the steps want pixels to enter the net; nil when they
// leave it to model.input.
func (im *Images) Normalisation() *Normalisation { return im.layout.Normalisation }

// Of gives the number of the image of case i.
func (im *Images) Of(i int) int { return im.of[i] }

// Firsts lists the first case of each image, in the order of the images. Those of one
// image lie side by side.
func (im *Images) Firsts() []int { return im.firsts }

// Bytes are the little-endian pixels of the image of case i, channel by channel, row by
// row, straight from the map: to be read only, and not after Close.
func (im *Images) Bytes(i int) []byte {
	if own := im.own[im.of[i]]; own != nil {
		return own
	}
	return im.pictures(im.slots[im.of[i]], im.views)
}

// pictures are so many that lie side by side from a slot on.
func (im *Images) pictures(slot, count int) []byte {
	n := im.layout.bytes()
	at := headSize + slot*n
	end := at + n*count
	return im.mapped[at:end:end]
}

// seen lists the slots of the pictures that an image is made of.
func (im *Images) seen(image int) (out []int) {
	if parts := im.parts[image]; parts != nil {
		return slices.DeleteFunc(slices.Clone(parts), func(slot int) bool { return slot < 0 })
	}
	for k := range im.views {
		out = append(out, im.slots[image]+k)
	}
	return out
}

// row is the table's row of the image of case i, the sums those of all its views.
func (im *Images) row(i int) (all row) {
	table := headSize + im.head.Slots*im.layout.bytes()
	for _, slot := range im.seen(im.of[i]) {
		at := table + slot*rowSize
		r, _ := parseRow(im.mapped[at : at+rowSize])
		r.Sum, r.Squares = r.Sum+all.Sum, r.Squares+all.Squares
		all = r
	}
	return all
}

// Sum names the pixels of the image of case i: equal images have equal sums, whatever file they
// are of and whatever they are called.
func (im *Images) Sum(i int) string {
	out, table := "", headSize+im.head.Slots*im.layout.bytes()
	for _, slot := range im.seen(im.of[i]) {
		at := table + slot*rowSize
		r, _ := parseRow(im.mapped[at : at+rowSize])
		out += fmt.Sprintf("%x-%x-%08x ", r.Sum, r.Squares, r.Check)
	}
	return out
}

// Close unmaps the file.
func (im *Images) Close() error {
	if im.mapped == nil {
		return nil
	}
	err := unix.Munmap(im.mapped)
	im.mapped = nil
	return err
}

// openImages maps a file of the cache; one that is not whole is refused, and so
// made again.
func openImages(cache, key string, layout Layout) (*Images, error) {
	f, err := os.Open(cachePath(cache, key))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return nil, fmt.Errorf("%s is empty", f.Name()) // nothing to map
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping %s: %w", f.Name(), err)
	}
	im := &Images{mapped: mapped, layout: layout}
	if err := im.parse(key); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", f.Name(), err), im.Close())
	}
	return im, nil
}

// contentsOf reads what a file says of itself, and none of its images.
func contentsOf(path string) (h contents, err error) {
	f, err := os.Open(path)
	if err != nil {
		return h, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return h, errors.Join(err, errors.New("no images"))
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return h, err
	}
	h, err = readContents(mapped)
	return h, errors.Join(err, unix.Munmap(mapped))
}

// readContents reads what a file of images says of itself.
func readContents(data []byte) (h contents, err error) {
	size := uint64(len(data))
	if size < headSize {
		return h, fmt.Errorf("it has %d bytes only", size)
	}
	if string(data[:len(magic)]) != magic {
		return h, fmt.Errorf("it does not begin with %s", magic)
	}
	at, n := binary.LittleEndian.Uint64(data[8:]), binary.LittleEndian.Uint64(data[16:])
	if at < headSize || at > size || n != size-at {
		return h, fmt.Errorf("it has %d bytes; its head says otherwise", size)
	}
	if sum := sha256.Sum256(data[at:]); !bytes.Equal(sum[:], data[24:24+len(sum)]) {
		return h, errors.New("its contents are broken")
	}
	if err := json.Unmarshal(data[at:], &h); err != nil {
		return h, fmt.Errorf("its contents are broken: %w", err)
	}
	l := Layout{Shape: h.Shape, BytesPerPixel: h.BytesPerPixel}
	if l.BytesPerPixel < 1 || l.BytesPerPixel > 2 || min(l.Shape.Channels, l.Shape.Height, l.Shape.Width) < 1 ||
		max(l.Shape.Channels, l.Shape.Height, l.Shape.Width) > 1<<16 {
		return h, fmt.Errorf("its contents have the shape %v of %d bytes", h.Shape, h.BytesPerPixel)
	}
	slot := uint64(l.bytes()) + rowSize
	if h.Slots < 0 || uint64(h.Slots) > size/slot || at != headSize+uint64(h.Slots)*slot {
		return h, errors.New("its contents are of other images")
	}
	for _, e := range h.Images {
		if e.Slot < 0 || e.Slot >= h.Slots {
			return h, fmt.Errorf("its contents place an image in slot %d of %d", e.Slot, h.Slots)
		}
	}
	return h, nil
}

// parse reads the contents and holds them against what is wanted.
func (im *Images) parse(key string) (err error) {
	if im.head, err = readContents(im.mapped); err != nil {
		return err
	}
	if h := im.head; h.Key != key || h.Shape != im.layout.Shape || h.BytesPerPixel != im.layout.BytesPerPixel {
		return errors.New("its contents are of other images")
	}
	im.views = 1
	for i, e := range im.head.Images { // until bind knows the cases
		im.slots, im.of, im.firsts = append(im.slots, e.Slot), append(im.of, i), append(im.firsts, i)
	}
	return nil
}

// bind joins the images with the cases of this run by ID, or by the sample, since labels
// and splits may differ from the run that filled the cache, and computes statistics.
func (im *Images) bind(cases audit.Cases) error {
	slots := make(map[string]int, len(im.head.Images))
	for _, e := range im.head.Images {
		slots[e.ID] = e.Slot
	}
	of := make(map[string][]int, len(slots))
	for i, c := range cases.Cases {
		name := sampleOf(cases, c)
		of[name] = append(of[name], i)
	}
	im.Classes, im.Targets, im.Among, im.Views, im.views = cases.Classes, cases.Targets, cases.Among, cases.Views, max(1, len(cases.Views))
	im.Covariates = cases.Covariates
	im.Cases, im.slots, im.of, im.firsts = make([]stage.Case, 0, len(cases.Cases)), nil, nil, nil
	im.parts, im.own = map[int][]int{}, map[int][]byte{}
	samples := cases.Samples().Cases
	for _, sample := range samples {
		if parts := partsOf(sample, cases.Views, slots); parts != nil {
			im.add(parts)
			for _, i := range of[sample.ID] {
				im.Cases, im.of = append(im.Cases, cases.Cases[i]), append(im.of, im.Len()-1)
			}
		}
	}
	if len(cases.Views) > 0 {
		if err := im.lackViews(len(samples)); err != nil {
			return err
		}
	} else if im.Len() != len(im.head.Images) {
		return fmt.Errorf("the cache holds %d images, of which the run has cases for %d", len(im.head.Images), im.Len())
	}
	im.Mean, im.Std = im.meanStd()
	return nil
}

// lackViews counts samples that a view which could not be used has taken along, and refuses
// to go on where more than half are gone; see builder.enough.
func (im *Images) lackViews(samples int) error {
	if im.lost = samples - im.Len(); im.lost*2 <= samples {
		return nil
	}
	return stage.Fault{
		Err:  fmt.Errorf("%d of %d samples have a view that cannot be used, such as %s: %s", im.lost, samples, im.head.Failed[0].ID, im.head.Failed[0].Reason),
		Hint: "fewer than half are left; mend the files, or leave views out of data.views",
	}
}

// sampleOf names what a case's image is of.
func sampleOf(cases audit.Cases, c stage.Case) string {
	if len(cases.Targets) > 0 {
		return c.Sample
	}
	return c.ID
}

// partsOf lists the slots of the pictures of a sample, −1 for a blank view; nil where one
// could not be used.
func partsOf(sample stage.Case, views []string, slots map[string]int) (parts []int) {
	if len(views) == 0 {
		if slot, made := slots[sample.ID]; made {
			parts = []int{slot}
		}
		return parts
	}
	for i, view := range views {
		slot, made := slots[audit.PictureID(sample.ID, view)]
		switch {
		case sample.Views[i].Image == "":
			slot = -1
		case !made:
			return nil
		}
		parts = append(parts, slot)
	}
	return parts
}

// add adds the image of some pictures, before its cases. Those of a sample without a blank
// view lie one after the other, as audit.Cases.Pictures gives them; of others the pixels
// are put together here.
func (im *Images) add(parts []int) {
	image := len(im.slots)
	im.firsts, im.slots = append(im.firsts, len(im.Cases)), append(im.slots, parts[0])
	if slices.Contains(parts, -1) {
		im.parts[image], im.own[image] = parts, im.together(parts)
	}
}

func (im *Images) together(parts []int) []byte {
	n := im.layout.bytes()
	out := make([]byte, n*len(parts))
	for k, slot := range parts {
		if slot >= 0 {
			copy(out[k*n:], im.pictures(slot, 1))
		}
	}
	return out
}

package preprocess

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"

	"golang.org/x/sys/unix"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Images are preprocessed pixels in a memory-mapped file, shared by every
// process that maps it. The file is "VTBRIMG1", the length of a JSON head, the
// head, and the pixels: unsigned 16-bit little-endian numbers, row by row.
type Images struct {
	Cases []stage.Case // of each image, in the file's order

	head   contents
	mapped []byte
	pixels []byte
}

var magic = []byte("VTBRIMG1")

// contents is the head of a file of images.
type contents struct {
	Key      string
	Shape    Shape
	IDs      []string
	Failed   []Failed
	Warnings []Failed
}

// Shape is the size of every image.
func (im *Images) Shape() Shape { return im.head.Shape }

// Len is how many images there are.
func (im *Images) Len() int { return len(im.head.IDs) }

// BytesPerPixel is 2.
func (im *Images) BytesPerPixel() int { return 2 }

// Scale turns a stored number into an intensity in [0, 1].
func (im *Images) Scale() float32 { return 1.0 / 65535 }

// Bytes are the pixels of image i, straight from the map: to be read only.
func (im *Images) Bytes(i int) []byte {
	n := im.head.Shape.bytes()
	return im.pixels[i*n : (i+1)*n]
}

func (s Shape) bytes() int { return s.Channels * s.Height * s.Width * 2 }

// Close unmaps the file.
func (im *Images) Close() error {
	if im.mapped == nil {
		return nil
	}
	err := unix.Munmap(im.mapped)
	im.mapped, im.pixels = nil, nil
	return err
}

func cachePath(cache, key string) string { return filepath.Join(cache, "images-"+key+".bin") }

func writeImages(cache string, head contents, pixels [][]byte) (err error) {
	sort.Slice(head.Failed, func(i, j int) bool { return head.Failed[i].ID < head.Failed[j].ID })
	sort.Slice(head.Warnings, func(i, j int) bool { return head.Warnings[i].ID < head.Warnings[j].ID })
	text, err := json.Marshal(head)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(cache, ".images-*")
	if err != nil {
		return fmt.Errorf("cache: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing the images' cache: %w", err), os.Remove(tmp.Name()))
		}
	}()
	start := binary.LittleEndian.AppendUint64(append([]byte(nil), magic...), uint64(len(text)))
	for _, part := range append([][]byte{start, text}, pixels...) {
		if _, err := tmp.Write(part); err != nil {
			return errors.Join(err, tmp.Close())
		}
	}
	if err := errors.Join(tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), cachePath(cache, head.Key))
}

// openImages maps a file of the cache; one that is not whole is refused, and so
// made again.
func openImages(cache, key string) (*Images, error) {
	f, err := os.Open(cachePath(cache, key))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() < 16 {
		return nil, errors.New("the cached images are cut off")
	}
	mapped, err := unix.Mmap(int(f.Fd()), 0, int(info.Size()), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("mapping the images: %w", err)
	}
	im := &Images{mapped: mapped}
	if err := im.parse(key); err != nil {
		return nil, errors.Join(err, im.Close())
	}
	return im, nil
}

func (im *Images) parse(key string) error {
	n := binary.LittleEndian.Uint64(im.mapped[8:])
	if !bytes.Equal(im.mapped[:8], magic) || n > uint64(len(im.mapped)-16) {
		return errors.New("the cached images are broken")
	}
	if err := json.Unmarshal(im.mapped[16:16+n], &im.head); err != nil {
		return fmt.Errorf("the cached images are broken: %w", err)
	}
	im.pixels = im.mapped[16+n:]
	if im.head.Key != key || len(im.pixels) != len(im.head.IDs)*im.head.Shape.bytes() {
		return errors.New("the cached images are of something else, or cut off")
	}
	return nil
}

// bind joins the images with the cases of this run by ID: labels and splits may
// differ from the run that filled the cache.
func (im *Images) bind(cases audit.Cases) error {
	byID := map[string]stage.Case{}
	for _, c := range cases.Cases {
		byID[c.ID] = c
	}
	im.Cases = nil
	for _, id := range im.head.IDs {
		c, ok := byID[id]
		if !ok {
			return fmt.Errorf("the cache holds an image of %s, which is no case", id)
		}
		im.Cases = append(im.Cases, c)
	}
	return nil
}

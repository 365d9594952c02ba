package preprocess

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Cached is a file of the cache that may be deleted at any time: whoever has it
// open keeps it, others make it again.
type Cached struct {
	ID    string // tells it from the others
	Kind  string // "images", "unfinished", "step", "pretraining"
	Path  string
	Bytes int64 // on the disk
	Used  time.Time
	Items int    // images, or results
	About string // the steps, one in a line; "" when the file is broken
}

// ListCache lists what can be deleted, the longest unused first.
func ListCache(folder string) ([]Cached, error) {
	out, err := listFiles(folder)
	for i := range out {
		out[i].describe()
	}
	return out, err
}

// listFiles is ListCache without a look into the files.
func listFiles(folder string) ([]Cached, error) {
	var out []Cached
	for kind, pattern := range map[string]string{
		"pretraining": filepath.Join(Pretrained, "*", "lock"), "images": "images-*.bin", "unfinished": "images-*" + partial, "step": filepath.Join("steps", "*", "*"+packSuffix),
	} {
		paths, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			info, err := os.Stat(path)
			if err != nil {
				continue // deleted meanwhile
			}
			c := Cached{Kind: kind, Path: path, Used: info.ModTime(), Bytes: info.Size()}
			if stat, ok := info.Sys().(*syscall.Stat_t); ok {
				c.Bytes = stat.Blocks * 512 // holes take no space
			}
			if kind == "pretraining" {
				c.ofFolder()
				out = append(out, c)
				continue
			}
			c.ID = strings.TrimPrefix(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), "images-")[:12]
			if kind == "step" {
				c.ID += "-" + strings.TrimPrefix(filepath.Base(filepath.Dir(path)), "series-")[:6]
			}
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Cached) int { return cmp.Or(a.Used.Compare(b.Used), strings.Compare(a.Path, b.Path)) })
	return out, nil
}

// describe looks into a file.
func (c *Cached) describe() {
	switch c.Kind {
	case "step":
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(c.Path), "about"))
		c.About = string(text)
		if r, err := openPack(c.Path); err == nil {
			c.Items = len(r.at)
			r.close()
		}
	case "pretraining":
		text, _ := os.ReadFile(filepath.Join(filepath.Dir(c.Path), "about"))
		c.About, c.Items = string(text), 1
	case "images":
		h, err := contentsOf(c.Path)
		if err == nil {
			c.Items, c.About = len(h.Images), strings.Join(h.Steps, "\n")+"\n"
		}
	}
}

// Pretrained is the folder of pretrainings: of each a folder with a lock, which whoever is at it holds.
const Pretrained = "pretrained"

// ofFolder is about the folder of a pretraining, as which its lock is found.
func (c *Cached) ofFolder() {
	folder := filepath.Dir(c.Path)
	c.ID = filepath.Base(folder)[:min(12, len(filepath.Base(folder)))]
	files, _ := os.ReadDir(folder)
	c.Bytes = 0
	for _, f := range files {
		if info, err := f.Info(); err == nil {
			c.Bytes += info.Size()
			if info.ModTime().After(c.Used) {
				c.Used = info.ModTime()
			}
		}
	}
}

// Remove deletes the file, unless a live process is filling it.
func (c Cached) Remove() error {
	if c.Kind == "unfinished" || c.Kind == "pretraining" {
		f, err := os.Open(c.Path)
		if err != nil {
			return ignoreMissing(err)
		}
		defer f.Close()
		if unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) == unix.EWOULDBLOCK {
			return fmt.Errorf("%s: a run is filling it", c.Path)
		}
	}
	if c.Kind == "pretraining" {
		return os.RemoveAll(filepath.Dir(c.Path))
	}
	err := ignoreMissing(os.Remove(c.Path))
	if rest, _ := filepath.Glob(filepath.Join(filepath.Dir(c.Path), "*"+packSuffix)); c.Kind == "step" && len(rest) == 0 {
		_ = os.RemoveAll(filepath.Dir(c.Path)) // what is left is a note about nothing
	}
	return err
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// room keeps a cache within its limit while a run fills it.
type room struct {
	folder  string
	limit   int64 // 0 means none
	used    int64
	request string   // whose files stay
	rest    []Cached // what may go, the longest unused first
}

func newRoom(folder string, limit int64, request string) (*room, error) {
	r := &room{folder: folder, limit: limit, request: request}
	if limit == 0 {
		return r, nil
	}
	all, err := listFiles(folder)
	for _, c := range all {
		r.used += c.Bytes
		if !strings.Contains(filepath.Base(c.Path), request) {
			r.rest = append(r.rest, c)
		}
	}
	return r, err
}

// take makes room for more bytes by deleting what was unused for longest; false
// when there is none left to be made.
func (r *room) take(bytes int64) bool {
	if r.limit == 0 {
		return true
	}
	for r.used+bytes > r.limit && len(r.rest) > 0 {
		c := r.rest[0]
		r.rest = r.rest[1:]
		if c.Remove() == nil {
			r.used -= c.Bytes
		}
	}
	if r.used+bytes > r.limit {
		return false
	}
	r.used += bytes
	return true
}

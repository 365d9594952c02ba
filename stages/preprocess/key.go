package preprocess

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"sync"

	"golang.org/x/sync/errgroup"
	"gopkg.in/yaml.v3"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// cacheKey names the result by what goes into it: the content of every file,
// the points, and the settings and versions of the steps.
func cacheKey(ctx context.Context, env stage.Env, cfg Config, cases audit.Cases) (string, error) {
	hashes, err := fileHashes(ctx, env, files(cases))
	if err != nil {
		return "", err
	}
	h := sha256.New()
	settings, err := yaml.Marshal(registry.Encode(cfg))
	if err != nil {
		return "", err
	}
	fmt.Fprintf(h, "vertebra images 1\n%s\n", settings)
	for _, step := range cfg {
		fmt.Fprintf(h, "%s %d\n", step.Name, step.Part.Version())
	}
	for _, c := range cases.Cases {
		fmt.Fprintf(h, "%s %s %s", c.ID, hashes[c.Image], c.Series)
		if c.Point != nil {
			fmt.Fprintf(h, " %v %v", c.Point.X, c.Point.Y)
		}
		fmt.Fprintln(h)
	}
	for _, path := range files(cases) {
		fmt.Fprintln(h, hashes[path])
	}
	return hex.EncodeToString(h.Sum(nil))[:32], nil
}

// files lists every file that may be read, sorted.
func files(cases audit.Cases) []string {
	seen := map[string]bool{}
	for _, c := range cases.Cases {
		seen[c.Image] = true
		for _, f := range cases.Series[c.Series].Files {
			seen[f.Path] = true
		}
	}
	out := make([]string, 0, len(seen))
	for path := range seen {
		out = append(out, path)
	}
	sort.Strings(out)
	return out
}

// known is what was hashed before: a file of the same size and time is taken to
// be the same.
type known struct {
	Size int64
	Time int64
	Hash string
}

// fileHashes hashes file contents, remembering them in the cache folder. A file
// that cannot be read has the hash "unreadable"; decoding says why.
func fileHashes(ctx context.Context, env stage.Env, paths []string) (map[string]string, error) {
	if err := os.MkdirAll(env.Cache, 0o755); err != nil {
		return nil, fmt.Errorf("cache folder: %w", err)
	}
	memory := filepath.Join(env.Cache, "hashes.json")
	old, fresh := map[string]known{}, map[string]known{}
	if text, err := os.ReadFile(memory); err == nil {
		_ = json.Unmarshal(text, &old) // a broken memory is made anew
	}
	var lock sync.Mutex
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(1, env.Workers))
	for _, path := range paths {
		group.Go(func() error {
			if err := context.Cause(ctx); err != nil {
				return err
			}
			k := hashFile(path, old[path])
			lock.Lock()
			defer lock.Unlock()
			fresh[path] = k
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for path, k := range fresh {
		out[path], old[path] = k.Hash, k
	}
	text, err := json.Marshal(old)
	if err == nil {
		err = replace(memory, text)
	}
	return out, err
}

func hashFile(path string, before known) known {
	info, err := os.Stat(path)
	if err != nil {
		return known{Hash: "unreadable"}
	}
	k := known{Size: info.Size(), Time: info.ModTime().UnixNano()}
	if before.Size == k.Size && before.Time == k.Time {
		return before
	}
	f, err := os.Open(path)
	if err != nil {
		return known{Hash: "unreadable"}
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return known{Hash: "unreadable"}
	}
	k.Hash = hex.EncodeToString(h.Sum(nil))
	return k
}

func replace(path string, data []byte) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	if _, err = tmp.Write(data); err == nil {
		err = tmp.Close()
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		os.Remove(tmp.Name())
	}
	return err
}

package preprocess

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"

	"gopkg.in/yaml.v3"

	"vertebra/stages/audit"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// cacheKey names the result by what goes into it: the content of the files that
// are read, the points, and the settings and versions of the steps. Labels,
// splits and the place of the files do not matter.
func cacheKey(ctx context.Context, env stage.Env, cfg Config, cases audit.Cases) (string, error) {
	wholeSeries := len(cfg.seriesPercents()) > 0
	hashes, err := fileHashes(ctx, env, files(cases, wholeSeries))
	if err != nil {
		return "", err
	}
	settings, err := yaml.Marshal(registry.Encode(cfg))
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%s\n", magic, settings)
	for _, step := range cfg {
		fmt.Fprintf(h, "%s %d\n", step.Name, step.Part.Version())
	}
	for _, c := range cases.Cases {
		fmt.Fprintf(h, "%q %s", c.ID, hashes[c.Image])
		if c.Point != nil {
			fmt.Fprintf(h, " %v %v", c.Point.X, c.Point.Y)
		}
		if wholeSeries {
			fmt.Fprintf(h, " %q", c.Series)
		}
		fmt.Fprintln(h)
	}
	if wholeSeries {
		for _, key := range seriesOf(cases) {
			fmt.Fprintf(h, "%q", key)
			for _, f := range cases.Series[key].Files {
				fmt.Fprintf(h, " %s", hashes[f.Path])
			}
			fmt.Fprintln(h)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// seriesOf lists the series that cases lie in, sorted.
func seriesOf(cases audit.Cases) []string {
	keys := map[string]bool{}
	for _, c := range cases.Cases {
		keys[c.Series] = true
	}
	return slices.Sorted(maps.Keys(keys))
}

// files lists every file that will be read, sorted.
func files(cases audit.Cases, wholeSeries bool) []string {
	seen := map[string]bool{}
	for _, c := range cases.Cases {
		seen[c.Image] = true
		if !wholeSeries {
			continue
		}
		for _, f := range cases.Series[c.Series].Files {
			seen[f.Path] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

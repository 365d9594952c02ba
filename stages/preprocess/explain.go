package preprocess

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"vertebra/stages/audit"
	"vertebra/stages/stage"
)

// Explain says in sentences why Foresee finds no more in the cache: files that
// were never hashed, and the stored results that come nearest.
func Explain(env stage.Env, cfg Config, cases audit.Cases) ([]string, error) {
	layout, err := Describe(cfg)
	if err != nil {
		return nil, err
	}
	c := newChain(cfg, layout)
	b := newBuilder(env, c, cases.Pictures(), &cache{env: env, sums: readChecksums(env.Cache)})
	out := b.unhashed()
	if c.kept < 0 {
		return append(out, "results of decode alone are not stored: reading them back costs as much as decoding"), nil
	}
	if stored(b.cache.folder(c.folder[c.kept])) {
		text := fmt.Sprintf("results of the steps up to %s are stored with these settings", cfg[c.kept].Name)
		if c.all.View {
			text = fmt.Sprintf("results of the steps up to %s are stored, those of views whose branch of by_view has not changed", cfg[c.kept].Name)
		}
		return append(out, text), nil
	}
	out = append(out, fmt.Sprintf("no results of the steps up to %s are stored with these settings", cfg[c.kept].Name))
	return append(out, b.nearest()...), nil
}

// unhashed counts files whose content is not known.
func (b *builder) unhashed() []string {
	files, unknown := map[string]bool{}, 0
	for _, one := range b.cases.Cases {
		files[one.Image] = true
		if b.chain.wholeSeries() {
			for _, f := range b.seriesOf(one).Files {
				files[f.Path] = true
			}
		}
	}
	for path := range files {
		if _, known := b.cache.sums.known(path); !known {
			unknown++
		}
	}
	if unknown == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%d of %d image files are new or have changed since they were last read", unknown, len(files))}
}

func stored(folder string) bool {
	packs, _ := filepath.Glob(filepath.Join(folder, "*"+packSuffix))
	return len(packs) > 0
}

// nearest names the first step in which the most similar stored results differ.
func (b *builder) nearest() []string {
	notes, _ := filepath.Glob(filepath.Join(b.env.Cache, "steps", "*", "about"))
	best, other := -1, ""
	for _, note := range notes {
		text, err := os.ReadFile(note)
		if err != nil || strings.HasPrefix(filepath.Base(filepath.Dir(note)), "series-") || !stored(filepath.Dir(note)) {
			continue
		}
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		same := 0
		for same < len(lines) && same < len(b.chain.text) && lines[same] == b.chain.text[same] {
			same++
		}
		if same > best && same < len(b.chain.text) {
			if best, other = same, "ends"; same < len(lines) {
				other = "has " + lines[same]
			}
		}
	}
	if best < 0 {
		return nil
	}
	return []string{fmt.Sprintf("the most similar stored ones differ in step %d: this experiment has %s, that one %s", best, b.chain.text[best], other)}
}

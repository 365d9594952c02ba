package experiments

import (
	"io/fs"

	"vertebra/stages/registry"
)

// The sample stands for an experiment where only reading is tested.

type rule interface{ Rate() float64 }

var rules = registry.New[rule]("rule")

type slow struct {
	By    float64 `help:"how slow" min:"0"`
	Every int     `help:"how often" min:"1"`
}

func (s slow) Rate() float64 { return s.By }

type steady struct {
	By float64 `help:"how steady"`
}

func (s steady) Rate() float64 { return s.By }

func init() {
	rules.Add("slow", "a slow rule", slow{0.5, 2})
	rules.Add("steady", "a steady rule", steady{1})
}

type samplePhase struct {
	Name   string              `help:"name" required:"true"`
	Epochs int                 `help:"passes" min:"1"`
	Rule   *registry.One[rule] `help:"the rule of this phase"`
}

func (samplePhase) Defaults() samplePhase { return samplePhase{Epochs: 1} }

type sampleData struct {
	Root registry.Path `help:"folder"`
	Drop []string      `help:"ids"`
}

type sample struct {
	Name    string               `help:"name"`
	Purpose string               `help:"purpose"`
	Seed    uint64               `help:"seed"`
	Data    sampleData           `help:"data"`
	Rule    registry.One[rule]   `help:"the rule"`
	Steps   []registry.One[rule] `help:"steps"`
	Phases  []samplePhase        `help:"phases"`
	Rates   map[string]float64   `help:"rates"`

	Rules map[string]registry.One[rule] `help:"rules by name"`
}

func sampleDefaults() sample {
	return sample{Seed: 42, Rule: registry.One[rule]{Name: "slow"}}
}

// inMemory serves files from a map.
func inMemory(files map[string]string) readFile {
	return func(path string) ([]byte, error) {
		text, ok := files[path]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
}

// loadSample reads x/a.yaml.
func loadSample(files map[string]string, sets ...string) (sample, error) {
	s := sampleDefaults()
	_, err := load(inMemory(files), "x/a.yaml", sets, &s)
	return s, err
}

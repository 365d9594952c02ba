package pretrain

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"vertebra/stages/registry"
)

// key names all that the weights depend on.
func (r *run) key() (string, error) {
	weights, err := r.Model.WeightsSum()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q\n%d %d\n%q\n%s\n", r.Machine, r.env.Seed, r.env.Threads, weights, r.described())
	fmt.Fprintln(h, r.images.Shape(), r.Config.Task(r.Task))
	for i, one := range r.images.Cases {
		fmt.Fprintf(h, "%q %s\n", one.ID, r.images.Sum(i))
	}
	return hex.EncodeToString(h.Sum(nil))[:32], nil
}

// described are the settings that decide numbers, as YAML; not where images and weights lie.
func (r *run) described() []byte {
	c := r.Config
	c.Images, c.Source = nil, nil
	own, err := yaml.Marshal(registry.Encode(c))
	nowhere := func(string, registry.Path, bool) registry.Path { return "" }
	net, second := yaml.Marshal(registry.Encode(registry.MapPaths(c.Model(r.Model), nowhere)))
	compute, third := yaml.Marshal(registry.Encode(r.Train.Compute))
	if err := errors.Join(err, second, third); err != nil {
		return []byte(err.Error()) // cannot happen: Encode gives plain nodes
	}
	return []byte(strings.Join([]string{string(own), string(net), string(compute)}, "\n"))
}

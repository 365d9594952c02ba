package model

import (
	"fmt"
	"slices"
	"strconv"

	"vertebra/stages/internal/torch"
	"vertebra/stages/stage"
)

// assemble makes the layers of a net, from the image to the outputs.
func assemble(root torch.Path, cfg Config, task Task) torch.Sequence {
	if task.Places {
		return assemblePlaces(root, cfg, task)
	}
	backbone, features := cfg.backbone(root)
	body := cfg.pooling(root, torch.Sequence{backbone}.Flat())
	if task.Slices > 1 {
		m, out := cfg.pool(root, int64(task.Slices), features)
		body, features = append(body, m), out
	}
	if task.Views > 1 {
		body, features = append(body, joined{int64(task.Views)}), features*int64(task.Views)
	}
	if len(task.Covariates) > 0 {
		m, out := cfg.Covariates.build(root, task.Covariates, features)
		body, features = append(body, m), out
	}
	for i, layer := range cfg.Head {
		m, out := layer.Part.Build(root.Sub("head").Sub(strconv.Itoa(i)), features)
		body, features = append(body, m), out
	}
	var last torch.Module
	if cfg.Last == "shared" {
		last = torch.NewSharedLinear(root.Sub("fc"), features, task.Outputs())
	} else {
		last = torch.NewLinear(root.Sub("fc"), features, int64(task.All()))
	}
	return append(body, last).Flat()
}

// pooling puts the experiment's pooling in the place of the backbone's average. It belongs
// to the head, since no file of weights has it.
func (c Config) pooling(root torch.Path, body torch.Sequence) torch.Sequence {
	at := slices.IndexFunc(body, isPooling)
	if at < 0 || c.Pool.Part == nil {
		return body
	}
	pool := c.Pool.Part.Build(root.Sub("head").Sub("pool"))
	if both, is := body[at].(classBeside); is {
		both.pool = pool
		pool = both
	}
	body[at] = pool
	return body
}

// isPooling says whether a layer is what a pooling takes the place of.
func isPooling(layer torch.Module) bool {
	_, both := layer.(classBeside)
	return both || layer == torch.GlobalAverage
}

// Pools says whether the backbone ends in maps whose places are pooled; one that gives its class
// token has none.
func (c Config) Pools() bool {
	m, _ := c.Backbone.Part.Build(torch.NewOutlineStore().Root(nil), int64(c.Input.Channels))
	return slices.ContainsFunc(torch.Sequence{m}.Flat(), isPooling)
}

// PoolFits wants maps for a pooling that is not the average.
func (c Config) PoolFits() error {
	if c.Pool.Name == "" || c.Pool.Name == Default.Pool.Name || c.Pools() {
		return nil
	}
	return stage.Fault{
		Err:  fmt.Errorf("%s gives its class token, and no maps whose places %s could pool", c.Backbone.Name, c.Pool.Name),
		Hint: fmt.Sprintf("write backbone: {%s: {features: patches}}, or pool: average", c.Backbone.Name),
	}
}

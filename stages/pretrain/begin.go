package pretrain

import (
	"context"
	"fmt"

	"vertebra/stages/internal/torch"
	"vertebra/stages/model"
)

// Begin gives a net the pretrained weights of its backbone.
func (b Backbone) Begin(ctx context.Context, net *model.Net) error {
	err := net.Engine().Do(ctx, func(s *torch.Scope) error { return net.LoadBackbone(s, b.tensors) })
	if err != nil {
		return fmt.Errorf("pretrained weights %s: %w", b.path, err)
	}
	return nil
}

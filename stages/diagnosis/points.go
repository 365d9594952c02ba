package diagnosis

import (
	"fmt"
	"slices"

	"vertebra/stages/stage"
)

// pointsMissed wants the net that finds points to find nine of ten.
func pointsMissed(r Run) *Finding {
	const enough = 0.9
	for _, split := range []stage.Split{stage.Validation, stage.Test} {
		found, ok := r.final("points_found", string(split))
		if !ok || found.Value >= enough {
			continue
		}
		try := "locate: {pixels: 512}, or a backbone that begins with published weights: {resnet34: {weights: imagenet}}"
		if far := r.epochs("point_distance", split); len(far) > 1 && far[len(far)-1] == slices.Min(far) {
			try = "more locate.epochs: the last one was the best; or " + try
		}
		return &Finding{"points not found",
			fmt.Sprintf("The net that finds points misses %.0f %% of those of the %s split; of images on which nobody marked any, the other net then looks at other places.", 100*(1-found.Value), split),
			"points_" + string(split), try}
	}
	return nil
}

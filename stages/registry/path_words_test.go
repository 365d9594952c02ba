package registry

import "testing"

type begins struct {
	Weights Path `help:"file to begin from" words:"imagenet imagenet_v1"`
}

func TestWordsInPlaceOfPath(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]Path{
		"imagenet":      "imagenet",
		"imagenet_v1":   "imagenet_v1",
		"./imagenet":    "a/imagenet",
		"imagenet.pth":  "a/imagenet.pth",
		"/nets/net.pth": "/nets/net.pth",
	} {
		var b begins
		tree, problems := Parse("a/b.yaml", []byte("weights: "+given))
		if problems = append(problems, Decode(tree, "a/b.yaml", &b)...); len(problems) > 0 || b.Weights != want {
			t.Errorf("%s: got %q, %v, want %q", given, b.Weights, problems, want)
		}
	}
}

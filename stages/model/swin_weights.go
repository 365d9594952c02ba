package model

import (
	"strconv"
	"strings"
)

// Files of timm, and of the authors, have the same tensors by other names. What merges
// patches is the beginning of a stage in timm, and the end of the one before in the authors'.
var swinMLP = strings.NewReplacer(".mlp.0.", ".mlp.fc1.", ".mlp.3.", ".mlp.fc2.")

// OtherNames lead to the names of timm's files and to those of the authors'.
func (swin) OtherNames() []func(string) string {
	return []func(string) string{func(s string) string { return swinName(s, 0) }, func(s string) string { return swinName(s, -1) }}
}

// swinName is that of a file in which merging belongs to a stage so much further.
func swinName(name string, further int) string {
	rest, ok := strings.CutPrefix(name, "features.")
	at, rest, _ := strings.Cut(rest, ".")
	i, err := strconv.Atoi(at)
	switch {
	case !ok || err != nil:
		return name
	case i == 0:
		return strings.NewReplacer("0.", "patch_embed.proj.", "2.", "patch_embed.norm.").Replace(rest)
	case i%2 == 1:
		return "layers." + strconv.Itoa(i/2) + ".blocks." + swinMLP.Replace(rest)
	}
	return "layers." + strconv.Itoa(i/2+further) + ".downsample." + rest
}

package main

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestGotchIsFoundWithoutNetworkInVendor(t *testing.T) {
	vendored := filepath.Join("vendor", "github.com", "sugarme", "gotch")
	var ran []string
	dir, err := findGotch(t.Context(), fakeHost{files: map[string]bool{vendored: true}, ran: &ran})
	if err != nil || !filepath.IsAbs(dir) || !strings.HasSuffix(dir, vendored) || len(ran) > 0 {
		t.Errorf("got %q, %v after %v; want the vendor folder, without asking anyone", dir, err, ran)
	}
	dir, err = findGotch(t.Context(), fakeHost{commands: map[string]string{"go list": "/modules/gotch\n"}})
	if err != nil || dir != "/modules/gotch" {
		t.Errorf("got %q, %v; want what go list says", dir, err)
	}
}

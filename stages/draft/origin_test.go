package draft

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/audit"
)

// TestGuessOrigin: where an image comes from is a label only where nothing else may be one.
func TestGuessOrigin(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	for text, want := range map[string]struct{ labels, others string }{
		"file,stenosis,site\na.png,0,x\nb.png,1,y\nc.png,0,x\nd.png,1,y\n":                                                                               {"stenosis", "site"},
		"file,stenosis,imaging_site,Scanner Model,patient age,fold\na.png,0,x,s,7,1\nb.png,1,y,t,8,2\nc.png,0,x,s,7,1\nd.png,1,y,t,8,2\n":                {"stenosis", "imaging_site Scanner Model patient age"},
		"file,center,tear\na.png,x,0\nb.png,y,1\nc.png,x,0\nd.png,y,1\n":                                                                                 {"tear", "center"},
		"file,edema,mass,smoker,is_train\na.png,0,1,0,0\nb.png,1,0,1,1\nc.png,0,1,0,0\nd.png,1,0,1,1\n":                                                  {"edema mass", "smoker is_train"},
		"file,stage,image_acquired,acq_time\na.png,0,a,1870-06-15T13:45:30\nb.png,1,b,1871-06-15\nc.png,0,a,1870-06-15T13:45:30\nd.png,1,b,1871-06-15\n": {"image_acquired", "stage"}, // no word of ours
		"file,site\na.png,x\nb.png,y\nc.png,x\nd.png,y\n":                                                                                                {"site", ""},
		"file,sex,site\na.png,f,x\nb.png,m,y\nc.png,f,x\nd.png,m,y\n":                                                                                    {"site", "sex"},
	} {
		path := filepath.Join(root, "origin.csv")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		g, err := Look(path)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if got := strings.Join(g.Source.Part.(audit.Table).Labels, " "); got != want.labels || strings.Join(g.Others, " ") != want.others {
			t.Errorf("%q: got %s and besides %v, want %+v", text, got, g.Others, want)
		}
	}
	for _, name := range []string{"stage", "image", "outside", "percentage", "condition", "Cardiomegaly", "grade", "dx", "Patient_Status", "modelling", "siteless"} {
		if ofOrigin.MatchString(name) {
			t.Errorf("%s says where an image comes from", name)
		}
	}
}

// TestGuessLabelsBeside: labels are looked for in other tables where one says but of which site
// its images are.
func TestGuessLabelsBeside(t *testing.T) {
	t.Parallel()
	root := alone(t)
	writeFiles(t, root, map[string]string{
		"a_images.csv":   rowsOf("image,site\n", 24, func(i int) string { return string(rune('a'+i)) + ".png," + []string{"x", "y", "z"}[i%3] }),
		"b_findings.csv": rowsOf("image,tear\n", 24, func(i int) string { return string(rune('a'+i)) + ".png," + []string{"0", "1"}[i%2] }),
	})
	for i := range 24 {
		pictureOf(t, filepath.Join(root, string(rune('a'+i))+".png"), 20, 16, noise(i))
	}
	for _, look := range []string{"", "a_images.csv"} {
		g, err := Look(filepath.Join(root, look))
		if err != nil {
			t.Fatal(err)
		}
		if got := g.Source.Part.(audit.Table); !slices.Equal(got.Labels, []string{"tear"}) {
			t.Errorf("%q: got %v of %s", look, got.Labels, got.File)
		}
	}
}

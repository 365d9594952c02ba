package audit

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vertebra/stages/internal/table"
	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

// writeFiles writes texts below a folder of pictures a.png, b.png, ….
func writeFiles(t testing.TB, root string, texts map[string]string) {
	t.Helper()
	for name, text := range texts {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		data := []byte(text)
		if strings.HasSuffix(name, ".gz") {
			data = zipped(t, data)
		}
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func zipped(t testing.TB, data []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// foundIn gives "id label tags" of what a source finds, and the rules that it reports.
func foundIn(t testing.TB, source Source) (cases, told []string, err error) {
	t.Helper()
	found, err := source.Read(t.Context(), mustRequest(t, Wanted{}, Wanted{}))
	for _, c := range found.Cases {
		word := fmt.Sprint(c.Label)
		if c.Label >= 0 {
			word = found.Classes[c.Label]
		}
		tags := maps.Clone(c.Tags)
		delete(tags, "folder")
		text := strings.TrimPrefix(fmt.Sprint(tags), "map")
		cases = append(cases, strings.TrimSuffix(c.ID+" "+word+" "+text, " []"))
	}
	for _, id := range order {
		for _, h := range found.reports.hits[id] {
			told = append(told, id+" "+h.id)
		}
	}
	return cases, told, err
}

// TestTableShapes: what public data sets spread over files, columns and rows becomes cases.
func TestTableShapes(t *testing.T) {
	t.Parallel()
	root := pictures(t, 6)
	writeFiles(t, root, map[string]string{
		"plain.csv":      "image,owner,label,view\na.png,1,no,PA\nb.png,1.0,yes,AP\nc.png,2,yes,LL\n",
		"patients.tsv":   "id\tsite\tview\n1\tnorth\tx\n2\tsouth\tx\n3\teast\tx\n",
		"twice.csv":      "id,site\n1,north\n1,north\n2,south\n",
		"keyless.csv":    "image,owner,label\na.png,1,no\nb.png,,yes\n",
		"blank.csv":      "owner,site\n1,north\n,south\n,west\n",
		"differing.csv":  "id,site\n1,north\n1,south\n2,south\n",
		"strange.csv":    "id,site\nA,north\n",
		"scores.csv":     "image,score,sex\na.png,-2.5,1\nb.png,\"-1,0\",2\nc.png,12,1\nd.png,NA,1\ne.png,-3,\n",
		"zeros.csv":      "image,owner,label\na.png,001,no\nb.png,002,yes\n",
		"half.csv.gz":    "owner,site\n1,north\n",
		"valid.csv":      "label,image\nno,d.png\n",
		"other.csv":      "label,file\nno,d.png\n",
		"bare.txt":       "p1 a.png no cohen\np2 b.png yes rsna\n",
		"bare-valid.txt": "p3 c.png yes cohen\n",
		"paths.csv":      "image,label\nx/patient07/../../a.png,no\nb.png,yes\n",
		"hot.csv":        "image,MEL,NV,BCC\na.png,1.0,0.0,0.0\nb.png,0.0,1.0,0.0\nc.png,0,1,1\nd.png,0,0,0\ne.png,0,0,True\n",
		"unsure.csv":     "image,edema,mass\na.png,1.0,\nb.png,-1.0,0.0\n",
		"readers.csv":    "image,reader,edema\na.png,R1,1\nb.png,R1,0\na.png,R2,0\na.png,R3,0\nb.png,R2,\n",
		"rows.csv":       "image,finding,x\na.png,Mass,1\na.png,Edema,2\nb.png,No finding,\nb.png,Mass,7\n",
		"pandas.csv":     ",image,label,\n0,a.png,no,\n1,b.png,yes,\n",
		"bad.bin":        "\x1f\x8bno archive",
	})
	bare := []string{"owner", "image", "label", "source"}
	path := func(name string) registry.Path { return registry.Path(filepath.Join(root, name)) }
	for name, c := range map[string]struct {
		Table
		cases, told string // separated by bars
		wrong       string
	}{
		"join":                 {Table: Table{File: path("plain.csv"), Join: []Join{{File: path("patients.tsv"), On: []string{"owner"}, Theirs: []string{"id"}}}, Tags: []string{"site", "view"}}, cases: "a.png no [site:north view:PA]|b.png yes [site:north view:AP]|c.png yes [site:south view:LL]"},
		"equal rows":           {Table: Table{File: path("plain.csv"), Join: []Join{{File: path("twice.csv"), On: []string{"owner"}, Theirs: []string{"id"}}}}, cases: "a.png no|b.png yes|c.png yes"},
		"no partner":           {Table: Table{File: path("plain.csv"), Join: []Join{{File: path("half.csv.gz"), On: []string{"owner"}}}, Tags: []string{"site"}}, cases: "a.png no [site:north]|b.png yes [site:north]|c.png yes [site:]", told: "row_without_partner line 4"},
		"no key":               {Table: Table{File: path("keyless.csv"), Join: []Join{{File: path("blank.csv"), On: []string{"owner"}}}, Tags: []string{"site"}}, cases: "a.png no [site:north]|b.png yes [site:]", told: "row_without_partner line 3"},
		"no partner at all":    {Table: Table{File: path("plain.csv"), Join: []Join{{File: path("strange.csv"), On: []string{"owner"}, Theirs: []string{"id"}}}}, wrong: `join.0: no row has a partner in strange.csv; the first key is "1" here and "A" there`},
		"zeros are lost":       {Table: Table{File: path("zeros.csv"), Join: []Join{{File: path("patients.tsv"), On: []string{"owner"}, Theirs: []string{"id"}}}}, wrong: `there ids have lost the zeros that they begin with, as in a spreadsheet: extract: {short_id: {from: owner, match: '^0*(.+)$'}}, and in the join on: [short_id], theirs: [id]`},
		"zeros taken off":      {Table: Table{File: path("zeros.csv"), Extract: map[string]Extract{"short_id": {From: "owner", Match: table.WithoutZeros}}, Join: []Join{{File: path("patients.tsv"), On: []string{"short_id"}, Theirs: []string{"id"}}}, Tags: []string{"site"}}, cases: "a.png no [site:north]|b.png yes [site:south]"},
		"cut":                  {Table: Table{File: path("scores.csv"), Labels: []string{"score"}, Cut: map[string][]float64{"score": {-2.5, -1}}, Missing: []string{"NA"}}, cases: "a.png -2.5 to <-1|b.png >=-1|c.png >=-1|e.png <-2.5", told: "empty_label d.png"},
		"cut once":             {Table: Table{File: path("scores.csv"), Labels: []string{"sex"}, Cut: map[string][]float64{"score": {0}}, Missing: []string{"NA"}, Tags: []string{"score"}}, cases: "a.png 1 [score:<0]|b.png 2 [score:<0]|c.png 1 [score:>=0]|d.png 1 [score:NA]", told: "empty_label e.png"},
		"cut of words":         {Table: Table{File: path("plain.csv"), Cut: map[string][]float64{"view": {0}}}, wrong: `data.source.table.cut.view: line 2: "PA" is no number; add it to missing, or replace it`},
		"cut of no column":     {Table: Table{File: path("plain.csv"), Cut: map[string][]float64{"viw": {0}}}, wrong: `data.source.table.cut.viw: the table has no column "viw"; did you mean view?`},
		"two of one key":       {Table: Table{File: path("plain.csv"), Join: []Join{{File: path("differing.csv"), On: []string{"owner"}, Theirs: []string{"id"}}}}, wrong: "join.0: differing.csv has lines 2 and 3 for 1, and their site differ"},
		"no such key":          {Table: Table{File: path("plain.csv"), Join: []Join{{File: path("patients.tsv"), On: []string{"owner"}}}}, wrong: `join.0.on.0: patients.tsv has no column "owner"`},
		"no such key here":     {Table: Table{File: path("plain.csv"), Join: []Join{{File: path("patients.tsv"), On: []string{"id"}}}}, wrong: `join.0.on.0: the table has no column "id"`},
		"no such table":        {Table: Table{File: path("plain.csv"), Join: []Join{{File: path("none.csv"), On: []string{"owner"}}}}, wrong: "join.0.file: " + root + "/none.csv is not there"},
		"held out":             {Table: Table{File: path("plain.csv"), HeldOut: map[string]registry.Path{"validation": path("valid.csv")}, Tags: []string{SplitTag}}, cases: "a.png no [split:train]|b.png yes [split:train]|c.png yes [split:train]|d.png no [split:validation]", told: "unused_split split"},
		"held out, other":      {Table: Table{File: path("plain.csv"), HeldOut: map[string]registry.Path{"test": path("other.csv")}}, wrong: `held_out.test: other.csv has no column "image"; known: label, file`},
		"no header":            {Table: Table{File: path("bare.txt"), Columns: bare, HeldOut: map[string]registry.Path{"test": path("bare-valid.txt")}, Tags: []string{"source"}}, cases: "a.png no [source:cohen]|b.png yes [source:rsna]|c.png yes [source:cohen]", told: "unused_split split"},
		"too few names":        {Table: Table{File: path("bare.txt"), Columns: bare[:3]}, wrong: "line 1 has 4 cells, and columns names 3"},
		"extract":              {Table: Table{File: path("paths.csv"), Extract: map[string]Extract{"number": {From: "whole", Match: "[0-9]+"}, "whole": {From: "image", Match: `/(patient\d+)/`}}, Tags: []string{"number", "whole"}}, cases: "x/patient07/../../a.png no [number:07 whole:patient07]|b.png yes [number: whole:]"},
		"extract from nothing": {Table: Table{File: path("paths.csv"), Extract: map[string]Extract{"number": {From: "imag", Match: "[0-9]+"}}}, wrong: `extract.number.from: paths.csv has no column "imag"; did you mean image?`},
		"extracted twice":      {Table: Table{File: path("paths.csv"), Extract: map[string]Extract{"label": {From: "image", Match: "[0-9]+"}}}, wrong: "extract.label: there is a column label already"},
		"only":                 {Table: Table{File: path("plain.csv"), Only: map[string][]string{"view": {"PA", "AP"}}}, cases: "a.png no|b.png yes", told: "row_not_wanted c.png"},
		"only what is not":     {Table: Table{File: path("plain.csv"), Only: map[string][]string{"view": {"PA", "ap"}}}, wrong: `only.view.1: no row has "ap"; known: AP, LL, PA`},
		"only of no column":    {Table: Table{File: path("plain.csv"), Only: map[string][]string{"views": {"PA"}}}, wrong: `only.views: plain.csv has no column "views"`},
		"one hot":              {Table: Table{File: path("hot.csv"), Labels: []string{"MEL", "NV", "BCC"}, OneHot: true}, cases: "a.png MEL|b.png NV|e.png BCC", told: "empty_label d.png|unknown_label c.png"},
		"unsure":               {Table: Table{File: path("unsure.csv"), Labels: []string{"edema", "mass"}, Blank: "0.0", Missing: []string{"-1.0"}}, cases: "a.png_edema 1.0 [target:edema]|a.png_mass 0.0 [target:mass]|b.png_mass 0.0 [target:mass]", told: "empty_label b.png_edema"},
		"replace":              {Table: Table{File: path("unsure.csv"), Labels: []string{"edema", "mass"}, Replace: map[string]map[string]string{"edema": {"-1.0": "1.0"}, "mass": {"": "none"}}}, cases: "a.png_edema 1.0 [target:edema]|a.png_mass none [target:mass]|b.png_edema 1.0 [target:edema]|b.png_mass 0.0 [target:mass]"},
		"replace what is not":  {Table: Table{File: path("unsure.csv"), Labels: []string{"edema", "mass"}, Replace: map[string]map[string]string{"edema": {"-1": "1.0"}, "lump": {"0": "1"}}}, wrong: `replace.edema.-1: no cell is "-1"; known: -1.0, 1.0` + "\n" + `data.source.table.replace.lump: the table has no column "lump"`},
		"commonest":            {Table: Table{File: path("readers.csv"), Labels: []string{"edema"}, Repeated: "commonest"}, cases: "a.png 0|b.png 0", told: "empty_label b.png|rows_disagree a.png"},
		"worst":                {Table: Table{File: path("readers.csv"), Labels: []string{"edema"}, Repeated: "worst"}, cases: "a.png 1|b.png 0", told: "empty_label b.png|rows_disagree a.png"},
		"each":                 {Table: Table{File: path("readers.csv"), Labels: []string{"edema"}}, cases: "a.png 1|b.png 0|a.png (line 4) 0|a.png (line 5) 0", told: "empty_label b.png (line 6)"},
		"findings in rows":     {Table: Table{File: path("rows.csv"), Labels: []string{"finding"}, Separator: "|", Findings: []string{"Edema", "Mass"}, Repeated: "worst"}, cases: "a.png_Edema yes [target:Edema]|a.png_Mass yes [target:Mass]|b.png_Edema no [target:Edema]|b.png_Mass yes [target:Mass]", told: "rows_disagree a.png_Edema|rows_disagree a.png_Mass|rows_disagree b.png_Mass"},
		"nameless columns":     {Table: Table{File: path("pandas.csv"), ID: "column 1"}, cases: "0 no|1 yes"},
		"no gzip":              {Table: Table{File: path("bad.bin")}, wrong: "cannot be unpacked"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.Image, c.Missing = "image", append(c.Missing, "NA")
			if c.Labels == nil {
				c.Labels = []string{"label"}
			}
			if err := c.Validate(); err != nil {
				t.Fatal(err)
			}
			cases, told, err := foundIn(t, c.Table)
			if c.wrong != "" {
				if err == nil || !strings.Contains(registryText(err), c.wrong) {
					t.Errorf("got %v, want %s", registryText(err), c.wrong)
				}
				return
			}
			if got := strings.Join(cases, "|"); err != nil || got != c.cases {
				t.Errorf("got %v, %v; want %s", got, err, c.cases)
			}
			if got := strings.Join(told, "|"); got != c.told {
				t.Errorf("told %s, want %s", got, c.told)
			}
		})
	}
}

// registryText is an error with the paths of its settings.
func registryText(err error) string {
	if problems, ok := err.(registry.Problems); ok {
		var out []string
		for _, p := range problems {
			out = append(out, p.Path+": "+p.Text+"; "+p.Hint)
		}
		return strings.Join(out, "\n")
	}
	if wrong, ok := err.(stage.Wrong); ok {
		return wrong.Path + ": " + wrong.Err.Error()
	}
	return fmt.Sprint(err)
}

// TestTableSettings: settings that exclude each other are told.
func TestTableSettings(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Table{
		"one_hot wants two or more labels": {Labels: []string{"a"}, OneHot: true},
		"the classes are the columns":      {Labels: []string{"a", "b"}, OneHot: true, Classes: []string{"a", "b"}},
		"blank is for cells":               {Labels: []string{"a"}, Separator: "|", Blank: "x"},
		"0 is one of missing, too":         {Labels: []string{"a"}, Blank: "0", Missing: []string{"0"}},
		`"train" is no split that is held`: {Labels: []string{"a"}, HeldOut: map[string]registry.Path{"train": "x"}},
		"image is named twice":             {Labels: []string{"a"}, Columns: []string{"image", "image"}},
	} {
		c.Image = "image"
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
	for want, c := range map[string]interface{ Validate() error }{
		"match: error parsing":             Extract{From: "a", Match: "("},
		"on has 2 columns, and theirs":     Join{On: []string{"a", "b"}, Theirs: []string{"c"}},
		"file and lists both fix":          Split{By: "study", File: "x", Lists: map[string]registry.Path{"test": "y"}},
		`lists: "tests" is no split`:       Split{By: "study", Lists: map[string]registry.Path{"tests": "y"}},
		`splits: "spring" is no name of a`: Folders{Splits: []string{"train", "spring"}},
	} {
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// TestCut: classes of numbers stand in their order, whatever their names, and bounds rise.
func TestCut(t *testing.T) {
	t.Parallel()
	source := Table{Labels: []string{"score"}, Cut: map[string][]float64{"score": {5, 10, 1e6}}}
	rows, err := table.Parse([]byte("score\n2000000\n1\n7\n999\n5\n10\n"))
	if err != nil {
		t.Fatal(err)
	}
	if err := source.cut(rows); err != nil {
		t.Fatal(err)
	}
	if got, want := strings.Join(source.ClassesIn(rows), "|"), "<5|5 to <10|10 to <1000000|>=1000000"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for want, bounds := range map[string][]float64{"cut nowhere": {}, "do not rise: 1 follows 2": {2, 1}, "do not rise: 2 follows 2": {2, 2}, "do not rise: NaN follows 2": {2, math.NaN()}} {
		source.Cut = map[string][]float64{"score": bounds}
		if err := source.cutting(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: got %v, want %s", bounds, err, want)
		}
	}
}

package registry

import (
	"reflect"
	"strings"
	"testing"
)

type shape interface{ Area() float64 }

var shapes = New[shape]("shape")

type square struct {
	Side float64 `help:"length of a side" unit:"mm" min:"0"`
}

func (s square) Area() float64 { return s.Side * s.Side }

type silent struct{ Side float64 }

func (silent) Area() float64 { return 0 }

type oddLimit struct {
	Side float64 `help:"length" min:"much"`
}

func (oddLimit) Area() float64 { return 0 }

type misspelt struct {
	Side float64 `help:"length" above:"0"`
}

func (misspelt) Area() float64 { return 0 }

type wordLimit struct {
	Name string `help:"name" min:"1"`
}

func (wordLimit) Area() float64 { return 0 }

type channel struct {
	C chan int `help:"no setting at all"`
}

func (channel) Area() float64 { return 0 }

type twice struct {
	ID string `help:"one"`
	Id string `help:"two"` //nolint:revive // the clash is the point
}

func (twice) Area() float64 { return 0 }

type orphan struct {
	Part One[interface{ Nobody() }] `help:"a part of no kind"`
}

func (orphan) Area() float64 { return 0 }

type numbered struct {
	M map[int]string `help:"a map with odd keys"`
}

func (numbered) Area() float64 { return 0 }

func init() { shapes.Add("square", "four equal sides", square{1}) }

func TestAddRefuses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, part, help string
		defaults         shape
		want             string
	}{
		{"taken", "square", "x", square{}, "the name is taken"},
		{"name", "Square", "x", square{}, "not in snake_case"},
		{"no help", "a", "", square{}, "there is no help"},
		{"setting without help", "a", "x", silent{}, "silent.Side has no help tag"},
		{"pointer", "a", "x", &square{}, "want a struct value"},
		{"nothing", "a", "x", nil, "want a struct value"},
		{"limit", "a", "x", oddLimit{}, "oddLimit.Side: min"},
		{"limit that nothing reads", "a", "x", misspelt{}, "misspelt.Side has a tag above, which nothing reads"},
		{"limit of a text", "a", "x", wordLimit{}, "no number"},
		{"default breaks limit", "a", "x", square{-1}, "want at least 0 mm, got -1"},
		{"type", "a", "x", channel{}, "cannot be a setting"},
		{"two of one name", "a", "x", twice{}, "two settings named id"},
		{"part of no kind", "a", "x", orphan{}, "no New"},
		{"map", "a", "x", numbered{}, "string keys"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := panicOf(func() { shapes.Add(test.part, test.help, test.defaults) }); !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q in it", got, test.want)
			}
		})
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	if got := panicOf(func() { New[shape]("form") }); !strings.Contains(got, "already") {
		t.Errorf("got %q", got)
	}
	if got := panicOf(func() { New[square]("square") }); !strings.Contains(got, "no interface") {
		t.Errorf("got %q", got)
	}
}

func panicOf(do func()) (text string) {
	defer func() { text, _ = recover().(string) }()
	do()
	return
}

func TestKind(t *testing.T) {
	t.Parallel()
	if got, want := shapes.Names(), []string{"square"}; !reflect.DeepEqual(got, want) || shapes.What() != "shape" {
		t.Errorf("got %v, want %v", got, want)
	}
	got := shapes.Parts()
	want := []PartInfo{{"square", "four equal sides", []Setting{
		{Name: "side", Help: "length of a side", Unit: "mm", Type: "float", Default: "1.0", Min: "0"}}, "square: {side: 1.0}"}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestSettingsOf(t *testing.T) {
	t.Parallel()
	got := map[string]Setting{}
	for _, s := range SettingsOf(defaults()) {
		got[s.Name] = s
	}
	for _, test := range []struct {
		name string
		ok   func(s Setting) bool
	}{
		{"seed", func(s Setting) bool { return s.Type == "uint" && s.Default == "42" }},
		{"root", func(s Setting) bool { return s.Type == "path" && s.Default == `""` }},
		{"split", func(s Setting) bool { return s.Type == "settings" && len(s.Settings) == 2 }},
		{"first", func(s Setting) bool {
			return s.Kind == "augmentation" && s.Default == "{gamma: {limit: 0.2}}" && !s.Required
		}},
		{"last", func(s Setting) bool { return s.Type == "part" && s.Optional && s.Default == "null" && !s.Required }},
		{"ops", func(s Setting) bool { return s.Type == "list" && s.Element.Kind == "augmentation" && s.Default == "[]" }},
		{"weights", func(s Setting) bool { return s.Type == "map" && s.Element.Type == "float" && s.Element.Min == "0" }},
		{"phases", func(s Setting) bool {
			inner := s.Element.Settings
			return inner[0].Required && inner[1].Default == "10" && inner[2].Optional && inner[3].Min == "1s" && inner[3].Default == "1h0m0s"
		}},
	} {
		if s := got[test.name]; !test.ok(s) {
			t.Errorf("%s: got %+v", test.name, s)
		}
	}
}

func TestKindsOf(t *testing.T) {
	t.Parallel()
	kinds := KindsOf(defaults())
	if len(kinds) != 1 || kinds[0].What != "augmentation" || len(kinds[0].Parts) != 5 {
		t.Errorf("got %+v", kinds)
	}
}

func TestUnder(t *testing.T) {
	t.Parallel()
	root := reflect.TypeFor[sample]()
	for _, test := range []struct {
		path string
		want reflect.Type
	}{
		{"seed", reflect.TypeFor[uint64]()},
		{"ops", reflect.TypeFor[chain]()},
		{"ops.0", reflect.TypeFor[One[op]]()},
		{"last.gamma", reflect.TypeFor[gamma]()},
		{"last.gamma.limit", reflect.TypeFor[float64]()},
		{"last.gama.limit", nil},
		{"nothing", nil},
		{"name.x", nil},
	} {
		got := root
		for word := range strings.SplitSeq(test.path, ".") {
			got = Under(got, word)
		}
		if got != test.want {
			t.Errorf("%s: got %v, want %v", test.path, got, test.want)
		}
	}
	if !IsOne(Under(root, "last")) || IsOne(Under(root, "ops")) || IsOne(nil) {
		t.Error("IsOne is wrong")
	}
}

func TestSnakeCase(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]string{
		"Name": "name", "MaxDegrees": "max_degrees", "ID": "id", "IDs": "ids", "StudyID": "study_id", "StudyIDs": "study_ids",
		"BN": "bn", "BNLayer": "bn_layer", "HTTPServer": "http_server", "L2Norm": "l2_norm", "Beta1": "beta1", "F1": "f1",
		"RowsFile": "rows_file", "T1W": "t1w", "AsIs": "as_is", "ROIsPerCase": "rois_per_case",
	} {
		if got := SnakeCase(field); got != want {
			t.Errorf("%s: got %s, want %s", field, got, want)
		}
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		word  string
		legal []string
		want  string
	}{
		{"gama", []string{"flip", "gamma"}, "did you mean gamma? (known: flip, gamma)"},
		{"Batch-Size", []string{"batch_size"}, "did you mean batch_size?"},
		{"xyz", []string{"flip", "gamma"}, "known: flip, gamma"},
		{"xyz", nil, ""},
		{"auroc", []string{"loss", "macro_auroc"}, "did you mean macro_auroc? (known: loss, macro_auroc)"},
		{"macro", []string{"macro_f1", "macro_auroc"}, "known: macro_f1, macro_auroc"},
		{strings.Repeat("x", 1000), []string{"a"}, "known: a"},
		{"abc", strings.Split(strings.Repeat("some_word ", 30), " ")[:30], "the reference lists the legal words"},
	} {
		if got := Suggest(test.word, test.legal); got != test.want {
			t.Errorf("%.10s: got %q, want %q", test.word, got, test.want)
		}
	}
}

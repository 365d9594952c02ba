package audit

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/stage"
)

// ofTargets says which classes each target has.
func ofTargets(c Cases) map[string]string {
	out := map[string]string{}
	for target, name := range c.Targets {
		out[name] = strings.Join(c.Questions().Names(target), " ")
	}
	return out
}

// TestOwnClasses: targets that share no class have their own, those that share one have all
// of both, and data.target_classes names others, in its order, though they never occur.
func TestOwnClasses(t *testing.T) {
	t.Parallel()
	const text = "image,density,mass,side\na.png,2,benign,left\nb.png,1,malignant,right\nc.png,3,benign,left\nd.png,2,malignant,right\n"
	same := "1 2 benign malignant"
	for name, c := range map[string]struct {
		text    string
		columns []string
		of      map[string][]string
		classes []string // of the table
		want    map[string]string
		all     string
	}{
		"disjoint": {text, []string{"density", "mass"}, nil, nil, map[string]string{"density": "1 2 3", "mass": "benign malignant"}, "1 2 3 benign malignant"},
		"named": {text, []string{"density", "mass"}, map[string][]string{"mass": {"malignant", "benign", "unclear"}, "density": {"3", "2", "1"}}, nil,
			map[string]string{"density": "3 2 1", "mass": "malignant benign unclear"}, "3 2 1 malignant benign unclear"},
		"one of them named": {text, []string{"density", "mass"}, map[string][]string{"density": {"0", "1", "2", "3"}}, nil,
			map[string]string{"density": "0 1 2 3", "mass": "benign malignant"}, "0 1 2 3 benign malignant"},
		"shared by a third": {"image,a,b,c\na.png,1,x,y\nb.png,2,y,2\nc.png,1,x,2\nd.png,2,y,y\n", []string{"a", "b", "c"}, nil, nil,
			map[string]string{"a": "1 2 x y", "b": "1 2 x y", "c": "1 2 x y"}, "1 2 x y"},
		"a single class": {"image,a,b\na.png,1,x\nb.png,2,x\nc.png,1,x\nd.png,2,x\n", []string{"a", "b"}, nil, nil, map[string]string{"a": "1 2 x", "b": "1 2 x"}, "1 2 x"},
		"of the table": {"image,a,b\na.png,1,benign\nb.png,2,malignant\nc.png,1,benign\nd.png,2,benign\n", []string{"a", "b"}, nil, strings.Fields(same),
			map[string]string{"a": same, "b": same}, same},
		"of the table and named": {"image,a,b\na.png,1,benign\nb.png,2,malignant\nc.png,1,benign\nd.png,2,benign\n", []string{"a", "b"}, map[string][]string{"b": {"benign", "malignant"}},
			strings.Fields(same), map[string]string{"a": same, "b": "benign malignant"}, same},
		"names in common": {"image,density,birads\na.png,1,5\nb.png,2,1\nc.png,3,4\nd.png,1,2\n", []string{"density", "birads"},
			map[string][]string{"density": {"1", "2", "3"}, "birads": {"1", "2", "4", "5"}}, nil, map[string]string{"density": "1 2 3", "birads": "1 2 4 5"}, "1 2 4 5 3"},
	} {
		cfg := tableOf(t, c.text, c.columns...)
		table := cfg.Source.Part.(Table)
		table.Classes = c.classes
		cfg.Source.Part, cfg.TargetClasses = table, c.of
		got, err := readCases(t, cfg)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if of := ofTargets(got); !maps.Equal(of, c.want) || strings.Join(got.Classes, " ") != c.all {
			t.Errorf("%s: got %v of %v, want %v of %s", name, of, got.Classes, c.want, c.all)
		}
		for _, one := range got.Cases { // labels are those of the table
			line := strings.Split(strings.Split(c.text, "\n")[1+slices.Index([]string{"a.png", "b.png", "c.png", "d.png"}, one.Image[strings.LastIndexByte(one.Image, '/')+1:])], ",")
			if want := line[1+slices.Index(c.columns, got.Targets[one.Target])]; got.Classes[one.Label] != want {
				t.Errorf("%s: %s is %s, want %s", name, one.ID, got.Classes[one.Label], want)
			}
		}
	}
}

// TestOwnClassesMatter: they are part of what defines the data.
func TestOwnClassesMatter(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,a,b\na.png,1,5\nb.png,2,1\nc.png,1,5\nd.png,2,1\n", "a", "b")
	plain, err := readCases(t, cfg)
	cfg.TargetClasses = map[string][]string{"a": {"1", "2"}}
	own, other := readCases(t, cfg)
	if err != nil || other != nil || plain.Among != nil || own.Among == nil || plain.Fingerprint == own.Fingerprint {
		t.Errorf("got %v and %v, %v, %v", plain.Among, own.Among, err, other)
	}
}

// TestLabelsOfNoClass: a label that a target's list does not name is dropped and told, with
// the sample's other answers kept; merged classes go by their new name.
func TestLabelsOfNoClass(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,grade,mass\na.png,1,no\nb.png,2,yes\nc.png,3,no\nd.png,9,yes\n", "grade", "mass")
	cfg.TargetClasses, cfg.Merge = map[string][]string{"grade": {"1", "high"}}, map[string][]string{"high": {"2", "3"}}
	got, err := readCases(t, cfg)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Dropped) != 1 || got.Dropped[0].ID != "label_of_no_class" || len(got.Dropped[0].IDs) != 1 || !strings.Contains(got.Dropped[0].IDs[0], "d.png_grade") {
		t.Errorf("dropped: %+v", got.Dropped)
	}
	want := []string{"a.png grade 1", "a.png mass no", "b.png grade high", "b.png mass yes", "c.png grade high", "c.png mass no", "d.png mass yes"}
	lines := said(got)
	if slices.Sort(lines); !slices.Equal(lines, want) {
		t.Errorf("got %q", lines)
	}
	for target, among := range got.Among {
		for _, class := range among {
			if name := got.Classes[class]; (target == 0) != (name == "1" || name == "high") {
				t.Errorf("%s has the class %s", got.Targets[target], name)
			}
		}
	}
}

// TestWorstOfOwnClasses: of two labels of a target the worse one counts, by its own order.
func TestWorstOfOwnClasses(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,finding,label\na.png,mass,malignant\na.png,mass,benign\nb.png,mass,benign\na.png,grade,2\nb.png,grade,1\n", "label")
	cfg.Targets, cfg.TargetClasses = []string{"finding"}, map[string][]string{"mass": {"malignant", "benign"}}
	got, err := readCases(t, cfg)
	if err != nil || !slices.Contains(said(got), "a.png mass benign") {
		t.Errorf("got %q, %v", said(got), err)
	}
}

// TestAskedDataTeachNothing: of data that nets are asked about nobody is told what could not be learnt.
func TestAskedDataTeachNothing(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,a,b\na.png,yes,no\nb.png,no,no\nc.png,yes,no\nd.png,no,no\n", "a", "b")
	reason := func(cfg Config) (string, Cases) {
		cases, err := readCases(t, cfg)
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(cases.Findings, func(f Finding) bool { return f.ID == "target_without_class" })
		if at < 0 {
			t.Fatalf("nothing is said of b: %+v", cases.Findings)
		}
		return cases.Findings[at].Reason, cases
	}
	trained, cases := reason(cfg)
	asked, _ := reason(cfg.Asked(cfg, cases.Questions()))
	if !strings.HasPrefix(trained, "the net answers each target with all its classes, and cannot learn this one") {
		t.Errorf("to train on: %s", trained)
	}
	if !strings.HasPrefix(asked, "what is measured of the target says nothing of that class") || !strings.HasSuffix(asked, "b: never yes") {
		t.Errorf("asked about: %s", asked)
	}
}

func TestTargetClassMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of   map[string][]string
		want string
	}{
		{map[string][]string{"grad": {"1", "2"}}, `data.target_classes.grad: there is no target "grad"`},
		{map[string][]string{"grade": {"1", "yess"}}, "data.target_classes.grade.1: there is no class \"yess\"\n  hint: did you mean yes"},
	} {
		cfg := tableOf(t, "image,grade,mass\na.png,1,no\nb.png,2,yes\nc.png,2,no\nd.png,1,yes\n", "grade", "mass")
		table := cfg.Source.Part.(Table)
		table.Classes = []string{"1", "2", "no", "yes"}
		cfg.Source.Part, cfg.TargetClasses = table, c.of
		if _, err := readCases(t, cfg); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
	problems := Config{TargetClasses: map[string][]string{"a": {"1"}, "b": {"1", "2", "1"}}}.Problems()
	if len(problems) != 2 || problems[0].Path != "target_classes.a" || !strings.Contains(problems[1].Text, "1 is named twice") {
		t.Errorf("got %+v", problems)
	}
}

// TestAskedOfOtherData: data that lacks a target, or a class of one, has the classes of the
// net all the same, in its order, also where the source lists some; one that the net lacks is told.
func TestAskedOfOtherData(t *testing.T) {
	t.Parallel()
	run := tableOf(t, "image,a,b,c\na.png,2,no,x\nb.png,1,yes,y\nc.png,3,no,x\nd.png,1,yes,y\n", "a", "b", "c")
	cases, err := readCases(t, run)
	if err != nil {
		t.Fatal(err)
	}
	asked := cases.Questions()
	other := tableOf(t, "image,c,a\na.png,x,3\nb.png,y,1\nc.png,x,1\nd.png,y,1\n", "c", "a").Asked(run, asked)
	got, err := readCases(t, other)
	if err != nil || !slices.Equal(got.Classes, asked.Classes) {
		t.Fatalf("got %v, %v, want %v", got.Classes, err, asked.Classes)
	}
	if err := got.Answer(asked); err != nil || !slices.Contains(said(got), "a.png a 3") || !slices.Contains(said(got), "a.png c x") {
		t.Errorf("got %q, %v", said(got), err)
	}
	table := other.Source.Part.(Table)
	table.Classes = []string{"y", "3", "x", "1"}
	other.Source.Part = table
	if got, err = readCases(t, other); err != nil || !slices.Equal(got.Classes, asked.Classes) || !slices.Contains(said(got), "a.png a 3") {
		t.Errorf("got %v, %q, %v", got.Classes, said(got), err)
	}
	table.Classes = []string{"1", "3", "x", "y", "z"}
	other.Source.Part = table
	if _, err := readCases(t, other); err == nil || !strings.Contains(err.Error(), `the net's class "2" of a is none of the data's: 1, 3, x, y, z`) {
		t.Errorf("got %v", err)
	}
}

// TestAskedOfMergedClasses: what classes of the run are made of need not occur in other data.
func TestAskedOfMergedClasses(t *testing.T) {
	t.Parallel()
	run := tableOf(t, "image,a,b\na.png,2,x\nb.png,1,y\nc.png,3,x\nd.png,4,y\n", "a", "b")
	run.Merge, run.TargetClasses = map[string][]string{"high": {"3", "4"}, "low": {"1", "2"}}, map[string][]string{"a": {"low", "high"}}
	cases, err := readCases(t, run)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"image,a,b\na.png,2,x\nb.png,3,y\nc.png,3,x\nd.png,2,y\n", "image,b,a\na.png,x,1\nb.png,y,2\nc.png,x,1\nd.png,y,1\n"} {
		other := tableOf(t, text, "a", "b").Asked(run, cases.Questions())
		other.Merge = run.Merge
		got, err := readCases(t, other)
		if err != nil || !slices.Equal(got.Classes, cases.Classes) || got.Answer(cases.Questions()) != nil {
			t.Errorf("got %v, %v, want %v", got.Classes, err, cases.Classes)
		}
	}
}

// TestAskedOfSharedClasses: the targets of a run that share all classes do so in other data,
// in which no label of one occurs for another.
func TestAskedOfSharedClasses(t *testing.T) {
	t.Parallel()
	run := tableOf(t, "image,b,a\na.png,p,n\nb.png,q,m\nc.png,m,q\nd.png,n,p\n", "b", "a")
	cases, err := readCases(t, run)
	if err != nil || cases.Among != nil {
		t.Fatal(cases.Among, err)
	}
	other := tableOf(t, "image,b,a\na.png,p,n\nb.png,q,m\nc.png,p,n\nd.png,q,m\n", "b", "a").Asked(run, cases.Questions())
	got, err := readCases(t, other)
	if err != nil || !slices.Equal(got.Classes, cases.Classes) || got.Among != nil {
		t.Errorf("got %v of %v, %v, want %v", got.Among, got.Classes, err, cases.Classes)
	}
}

// TestColumnsOfOneTarget: labels of two columns are no labels of one target, of which the worst
// would count.
func TestColumnsOfOneTarget(t *testing.T) {
	t.Parallel()
	cfg := tableOf(t, "image,side,grade,mass\na.png,L,1,no\na.png,R,2,yes\nb.png,L,2,yes\nb.png,R,1,no\n", "grade", "mass")
	cfg.Targets = []string{"side"}
	if _, err := readCases(t, cfg); err == nil || !strings.Contains(err.Error(), "data.targets: side does not tell the labels of grade and mass apart\n  hint: add target, which is the column of a label: [target, side]") {
		t.Errorf("got %v", err)
	}
	cfg.Targets = []string{stage.TargetTag, "side"}
	if got, err := readCases(t, cfg); err != nil || len(got.Targets) != 4 || len(got.Cases) != 8 || len(got.Among[0]) != 2 {
		t.Errorf("got %v, %v", said(got), err)
	}
}

// TestAnswerOwnClasses: cases whose label is no class of the net's target are refused, and
// images without labels are asked about all targets.
func TestAnswerOwnClasses(t *testing.T) {
	t.Parallel()
	cases, err := readCases(t, tableOf(t, "image,a,b\na.png,1,5\nb.png,2,1\nc.png,1,5\nd.png,2,1\n", "a", "b"))
	if err != nil {
		t.Fatal(err)
	}
	asked := stage.Questions{Classes: cases.Classes, Targets: cases.Targets, Among: [][]int{{0, 1}, {0, 1}}}
	if err := cases.Answer(asked); err == nil || !strings.Contains(err.Error(), "is 5, which is no class of b\n  hint: the net's classes of it are 1, 2") {
		t.Errorf("got %v", err)
	}
	asked.Among[1] = []int{2, 0}
	if err := cases.Answer(asked); err != nil || !reflect.DeepEqual(cases.Among, asked.Among) {
		t.Errorf("got %v, %v", cases.Among, err)
	}
}

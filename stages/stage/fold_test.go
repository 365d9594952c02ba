package stage

import (
	"context"
	"path/filepath"
	"reflect"
	"testing"
)

func TestFoldNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]struct {
		of   string
		fold int
		ok   bool
	}{
		"validation fold 2": {"validation", 2, true}, "a fold 1 fold 12": {"a fold 1", 12, true},
		"validation": {"validation", 0, false}, "x fold 0": {"x fold 0", 0, false}, "two fold ones": {"two fold ones", 0, false},
	} {
		if of, fold, ok := ParseFoldName(name); of != want.of || fold != want.fold || ok != want.ok {
			t.Errorf("%s: got %q, %d, %v", name, of, fold, ok)
		}
	}
	if of, fold, ok := ParseFoldName(FoldName("head", 3)); of != "head" || fold != 3 || !ok {
		t.Errorf("got %q, %d, %v", of, fold, ok)
	}
}

type kept struct{ records []Record }

func (k *kept) Record(_ context.Context, records ...Record) error {
	k.records = append(k.records, records...)
	return nil
}

func (*kept) Progress(Progress) {}

// What two folds record must differ in its key, whatever its shape; what a fold
// alone records must not change.
func TestEnvInFold(t *testing.T) {
	t.Parallel()
	told := []Record{
		Scalar{Name: "loss", Series: "train", Phase: "head", Epoch: 1}, Prediction{CaseID: "a", Split: Test},
		PhaseRecord{Name: "head"}, PhaseRecord{Name: "all", Index: 1}, Event{Text: "hot"}, Curve{Name: "c"}, Matrix{Name: "m"},
		Table{Name: "t"}, Bars{Name: "b"}, Scatter{Name: "s"}, Gallery{Name: "g"},
	}
	seen := &kept{}
	env := Env{Seed: 7, RunDir: "runs/x", Recorder: seen}
	var seeds []uint64
	for number := 1; number <= 2; number++ {
		in := env.InFold(Fold{Number: number, Of: 2, Phases: 2})
		seeds = append(seeds, in.Seed)
		if want := filepath.Join("runs", "x", "fold-"+string(rune('0'+number))); in.RunDir != want {
			t.Errorf("got folder %s, want %s", in.RunDir, want)
		}
		if err := in.Recorder.Record(t.Context(), told...); err != nil {
			t.Fatal(err)
		}
	}
	for i := range told {
		if reflect.DeepEqual(seen.records[i], seen.records[len(told)+i]) {
			t.Errorf("both folds record %+v", seen.records[i])
		}
	}
	if p := seen.records[len(told)+3].(PhaseRecord); p.Index != 3 || p.Name != "all fold 2" {
		t.Errorf("got phase %+v", p)
	}
	alone := env.InFold(Fold{Number: 2, Of: 1, Phases: 2})
	if alone.Seed != seeds[1] || seeds[0] == seeds[1] || alone.RunDir != env.RunDir || alone.Recorder != env.Recorder {
		t.Errorf("alone: %+v, together the seeds were %v", alone, seeds)
	}
	if all := env.InFold(Fold{Number: AllFolds, Of: 1}); all.Seed != env.Seed {
		t.Error("a net of all folds has another seed")
	}
}

func TestFoldPrediction(t *testing.T) {
	t.Parallel()
	given := Prediction{CaseID: "a", Split: Validation, Tags: map[string]string{"level": "l1"}}
	got := Fold{Number: 2, Of: 3}.Prediction(given)
	if got.Split != Validation || got.Tags[FoldTag] != "2" || got.Tags["level"] != "l1" || len(given.Tags) != 1 {
		t.Errorf("got %+v of %+v", got, given)
	}
	given.Split = Test
	if got := (Fold{Number: 2, Of: 3}).Prediction(given); got.Split != "test fold 2" {
		t.Errorf("got %s", got.Split)
	}
	if got := (Fold{Number: 2, Of: 1}).Prediction(given); !reflect.DeepEqual(got, given) {
		t.Errorf("alone: got %+v", got)
	}
}

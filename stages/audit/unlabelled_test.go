package audit

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"vertebra/stages/registry"
	"vertebra/stages/stage"
)

func leftOf(u Unlabelled, why string) []string {
	for _, one := range u.Left {
		if one.Reason == why {
			return one.IDs
		}
	}
	return nil
}

// TestUnlabelled: each sample of the data is there once, without its label, and images beside the data
// are trained in every fold.
func TestUnlabelled(t *testing.T) {
	t.Parallel()
	cfg, p := pupils(t, saidOfAll)
	cases, err := Run(t.Context(), environment(stage.Discard), cfg)
	if err != nil {
		t.Fatal(err)
	}
	u, err := cases.Unlabelled(t.Context(), environment(stage.Discard), cfg, Beside{At: "pretrain", Images: p.Images})
	if err != nil {
		t.Fatal(err)
	}
	if len(u.Cases.Cases) != 16 || len(u.Beside) != 4 || u.Left != nil || !slices.Equal(u.Cases.Classes, []string{"image"}) {
		t.Fatalf("got %d cases, %v, %v, %v", len(u.Cases.Cases), u.Beside, u.Left, u.Cases.Classes)
	}
	for fold := 1; fold <= 3; fold++ {
		in, of := stage.InFold(u.Cases.Cases, fold), stage.InFold(cases.Cases, fold)
		for _, one := range in {
			if one.Label != 0 || one.Soft != nil {
				t.Errorf("%s has a label", one.ID)
			}
			if u.Beside[one.ID] && one.Split != stage.Train {
				t.Errorf("fold %d: %s is of %s", fold, one.ID, one.Split)
			}
			for _, labelled := range of {
				if labelled.ID == one.ID && labelled.Split != one.Split {
					t.Errorf("fold %d: %s is of %s, its labelled case of %s", fold, one.ID, one.Split, labelled.Split)
				}
			}
		}
	}
	if cases.Cases[1].Label != 1 {
		t.Error("the labelled cases lost their labels")
	}
	sum := u.Sum()
	if plain, err := cases.Unlabelled(t.Context(), environment(stage.Discard), cfg, Beside{}); err != nil || plain.Sum() != "" || sum == "" || len(plain.Cases.Cases) != 12 {
		t.Errorf("without images beside the data: %v, %v", plain, err)
	}
	picture(t, filepath.Join(string(p.Images[0]), "more.png"), noise(200))
	if more, err := cases.Unlabelled(t.Context(), environment(stage.Discard), cfg, Beside{At: "pretrain", Images: p.Images}); err != nil || more.Sum() == sum {
		t.Errorf("one image more changes nothing: %v", err)
	}
	_, err = cases.Unlabelled(t.Context(), environment(stage.Discard), cfg, Beside{At: "pretrain", Images: []registry.Path{"no/where"}})
	matches(t, "no folder", err, "pretrain.images: .*no/where")
}

// TestUnlabelledDoNotLeak: what shares an image, a study or a patient with cases that are held out is
// left out, what shares one with a fold goes with that fold, and nothing is there twice.
func TestUnlabelledDoNotLeak(t *testing.T) {
	t.Parallel()
	cfg, p := pupils(t, saidOfAll)
	root, others := filepath.Dir(string(p.File)), string(p.Images[0])
	if err := errors.Join(os.Symlink(root, filepath.Join(others, "linked")), os.Symlink(filepath.Join(root, "b.png"), filepath.Join(others, "z.png"))); err != nil {
		t.Fatal(err)
	}
	rows := "image,patient\n"
	for i := range 8 { // two of each of the first patients, whose labelled images are others
		picture(t, filepath.Join(root, fmt.Sprintf("new-%d.png", i)), noise(300+i))
		rows += fmt.Sprintf("new-%d.png,p%d\n", i, i/2)
	}
	rows += "new/0.png,someone\nnew/z.png,someone else\na.png,p0\nnone.png,p0\n"
	write(t, filepath.Join(root, "others.csv"), rows)
	beside := Beside{At: "pretrain", Images: []registry.Path{registry.Path(filepath.Join(root, "others.csv"))}}
	cfg.Split.Folds, cfg.Split.Test, cfg.Split.Column = 0, 0, ""
	for _, folds := range []int{0, 3} {
		cfg.Split.Folds, cfg.Split.Test, cfg.Split.Validation = folds, 0.2, 0.2
		cases, err := Run(t.Context(), environment(stage.Discard), cfg)
		if err != nil {
			t.Fatal(err)
		}
		u, err := cases.Unlabelled(t.Context(), environment(stage.Discard), cfg, beside)
		if err != nil {
			t.Fatal(err)
		}
		of := map[string]stage.Case{}
		for _, c := range cases.Cases {
			of[c.Group] = c
		}
		if own := leftOf(u, leftOwn); len(own) != 2 {
			t.Errorf("%d folds: of the labelled images %v were left out", folds, own)
		}
		held := leftOf(u, leftHeldOut)
		for i := range 8 {
			id := fmt.Sprintf("new-%d.png", i)
			with := of[fmt.Sprintf("p%d", i/2)]
			out := with.Split == stage.Test || folds == 0 && with.Split != stage.Train
			if said := slices.ContainsFunc(held, func(one string) bool { return strings.HasSuffix(one, id) }); said != out {
				t.Errorf("%d folds: %s shares its patient with %s: left out %v", folds, id, with.Split, said)
			}
			for _, c := range u.Cases.Cases {
				if strings.HasSuffix(c.Image, id) && (c.Fold != with.Fold || out) {
					t.Errorf("%d folds: %s is in fold %d, its patient in %d", folds, id, c.Fold, with.Fold)
				}
			}
		}
		if broken := leftOf(u, leftBroken); len(broken) != 1 || !strings.HasSuffix(broken[0], "none.png") {
			t.Errorf("cannot be used: %v", broken)
		}
		n, first := u.Taught(cases)
		if shared := len(u.Beside) - 1; shared > 0 && (n == 0 || first == "") { // all but someone's are of the data's patients
			t.Errorf("%d folds: no case is of a patient of theirs", folds)
		}
	}
}

// TestUnlabelledOfSeveralFolds: images that share something with two folds are in none.
func TestUnlabelledOfSeveralFolds(t *testing.T) {
	t.Parallel()
	own := Cases{Cases: []stage.Case{
		{ID: "a", Group: "x", Image: "a.png", Fold: 1, Split: stage.Validation}, {ID: "b", Group: "y", Image: "b.png", Fold: 2, Split: stage.Train},
		{ID: "c", Group: "z", Image: "c.png", Split: stage.Test},
	}}
	others := []stage.Case{{ID: "1", Group: "x", Image: "1.png", Images: []string{"b.png"}}, {ID: "2", Group: "y", Image: "2.png"}, {ID: "3", Group: "z", Image: "3.png"}, {ID: "4", Group: "w", Image: "a.png"}}
	where := own.sharing(nil, others)
	for i, want := range []string{leftTorn, "", leftHeldOut, leftOwn} {
		if got := where(&others[i]); got != want {
			t.Errorf("%s: got %q, want %q", others[i].ID, got, want)
		}
	}
	if others[1].Fold != 2 || others[1].Split != stage.Train {
		t.Errorf("got %+v", others[1])
	}
	own.Cases[1].Turns = []stage.Split{stage.Validation, stage.Test}
	where = own.sharing(nil, others)
	if got := where(&others[1]); got != "" || !slices.Equal(others[1].Turns, own.Cases[1].Turns) {
		t.Errorf("what shares a study with a case that folds test in turn: %q, %+v", got, others[1])
	}
	for fold, want := range own.Cases[1].Turns {
		if got := stage.InFold(others[1:2], fold+1)[0].Split; got != want {
			t.Errorf("fold %d would learn from what it has for %s: got %s", fold+1, want, got)
		}
	}
}

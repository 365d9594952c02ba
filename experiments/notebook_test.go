package experiments

import (
	"fmt"
	"testing"
)

// The settings that stages/train/notebook_test.go trains with are those of the file.
func TestSeedAsWrittenTrainsAsTheParityTestDoes(t *testing.T) {
	e, _, err := Load("seed-as-written.yaml", nil)
	if err != nil {
		t.Fatal(err)
	}
	train, head, top := e.Train, e.Train.Phases[0], e.Train.Phases[1]
	for got, want := range map[string]string{
		fmt.Sprintf("%+v %+v", head.Schedule.Part, top.Schedule.Part):                          "{Factor:0.2 Patience:5 MinDelta:0.0001 Cooldown:0 MinRate:1e-06} {Factor:0.2 Patience:5 MinDelta:0.0001 Cooldown:0 MinRate:1e-07}",
		fmt.Sprintf("%+v %+v", *head.Stop, *top.Stop):                                          "{Patience:10 MinDelta:0} {Patience:10 MinDelta:0}",
		fmt.Sprintf("%d %d %v %s %s", head.Epochs, top.Epochs, *top.Rate, head.Keep, top.From): "50 50 1e-05 best best",
		fmt.Sprintf("%v %+v", train.Batch, train.Optimizer.Part):                               "64 {Rate:0.0001 Beta1:0.9 Beta2:0.999 Eps:1e-07 EpsAdded:before_correction WeightDecay:0}",
		fmt.Sprintf("%+v %v", train.Loss.Part, train.Balance.ClassWeights):                     "{LabelSmoothing:0 Reduction:mean} balanced",
		fmt.Sprintln(train.Monitor, head.Train, top.Train):                                     "validation.loss [head] [layer4.1 layer4.2 head]\n",
	} {
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

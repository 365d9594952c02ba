package model

import (
	"slices"
	"testing"

	"vertebra/stages/internal/torch"
	"vertebra/stages/preprocess"
	"vertebra/stages/stage"
)

func TestInputFollowsNormalise(t *testing.T) {
	t.Parallel()
	grey := Default.Input
	grey.Channels = 5
	got, err := grey.Follow(&preprocess.Normalisation{Mean: []float64{0.5}, Std: []float64{0.1}, TrainScale: 1})
	if err != nil || !slices.Equal(got.Mean, []float64{0.5, 0.5, 0.5, 0.5, 0.5}) || len(got.Std) != 5 {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := grey.Follow(&preprocess.Normalisation{Mean: []float64{1, 2, 3}, Std: []float64{1, 1, 1}, TrainScale: 1}); err == nil {
		t.Error("three numbers for five channels want an error")
	}
	own := Default.Input
	own.Mean = []float64{0, 0, 0}
	if _, err := own.Follow(&preprocess.Normalisation{Mean: []float64{1}, Std: []float64{1}, TrainScale: 1}); err == nil {
		t.Error("saying it twice wants an error")
	}
	if got, err := own.Follow(nil); err != nil || !slices.Equal(got.Mean, own.Mean) {
		t.Errorf("without normalise: got %+v, %v", got, err)
	}
}

// passes is a body that shows what enters it.
type passes struct{}

func (passes) Forward(_ *torch.Pass, x torch.Tensor) torch.Tensor { return x }

// TestInputOfTrainingAlone repeats the notebook's mistake: means for [0, 255]
// taken from [0, 1], and training images alone divided by 255 after that.
func TestInputOfTrainingAlone(t *testing.T) {
	t.Parallel()
	caffe := preprocess.Normalise{By: "caffe", Range: 1, TrainScale: 1.0 / 255}.Normalisation()
	cfg := Default
	var err error
	if cfg.Input, err = cfg.Input.Follow(&caffe); err != nil {
		t.Fatal(err)
	}
	net, err := Build(t.Context(), stage.Env{Recorder: stage.Discard, Device: "cpu"}, cfg, preprocess.Shape{Channels: 1, Height: 2, Width: 1}, Single(3))
	if err != nil {
		t.Fatal(err)
	}
	defer net.Close()
	net.body = torch.Sequence{passes{}}
	for training, want := range map[bool][]float32{
		false: {0 - 103.939, 1 - 103.939, 0 - 116.779, 1 - 116.779, 0 - 123.68, 1 - 123.68},
		true:  {-103.939 / 255, (1 - 103.939) / 255, -116.779 / 255, (1 - 116.779) / 255, -123.68 / 255, (1 - 123.68) / 255},
	} {
		var got []float32
		err := net.Engine().Do(t.Context(), func(s *torch.Scope) error {
			got = s.Float32s(net.Forward(&torch.Pass{Scope: s, Train: training}, s.FromFloat32([]float32{0, 1}, 1, 1, 2, 1)))
			return s.Err()
		})
		if err != nil || len(got) != 6 {
			t.Fatalf("got %v, %v", got, err)
		}
		for i := range got {
			if d := got[i] - want[i]; !(d <= 1e-4) || !(d >= -1e-4) {
				t.Errorf("training %v: the net sees %v, want %v", training, got, want)
				break
			}
		}
	}
}

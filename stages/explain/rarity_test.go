package explain

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"vertebra/stages/stage"
	"vertebra/stages/statistics"
)

// TestRarity: shares count images with at most that p, and pictures show the rarest first.
func TestRarity(t *testing.T) {
	t.Parallel()
	x, env, seen := newSubject(t)
	seen.records = nil
	p := map[string]float64{}
	for i := range x.Images.Cases {
		x.Images.Cases[i].Split, x.Images.Cases[i].Group = stage.Test, fmt.Sprint(i%5)
	}
	all := x.ofSplit(stage.Test)
	for i, it := range all {
		p[it.CaseID] = float64(i+1) / float64(len(all))
	}
	others := x.Others()
	for i := range others {
		others[i].P = p[others[i].CaseID]
	}
	if err := Rarity(t.Context(), env, others, x.Thumbnails); err != nil {
		t.Fatal(err)
	}
	kinds := ""
	for _, r := range seen.records {
		switch v := r.(type) {
		case stage.Curve:
			kinds += "curve "
			if y := v.Lines[1].Y; y[0] != 0 || y[len(y)-1] != 1 || y[50] < 0.45 || y[50] > 0.5 {
				t.Errorf("shares %v", y)
			}
		case stage.Table:
			kinds += "table "
			of := v.Rows[len(v.Rows)-1][2].(stage.Estimate)
			if low, high := statistics.Share(of.Value, 5, 0.95); of.Low != low || of.High != high {
				t.Errorf("of 5 groups: %+v, want %v to %v", of, low, high)
			}
			if last := v.Rows[len(v.Rows)-1]; last[0] != 0.5 || last[2].(stage.Estimate).Value < 0.45 || last[2].(stage.Estimate).Value > 0.5 || !(last[2].(stage.Estimate).Low < 0.45 && last[2].(stage.Estimate).High > 0.5) {
				t.Errorf("rows %v", v.Rows)
			}
		case stage.Gallery:
			kinds += "gallery "
			if len(v.Pictures) != min(listed, len(all)) || v.Pictures[0].Case != all[0].CaseID || !strings.HasPrefix(v.Pictures[0].Caption, all[0].CaseID+" · outlier_p 0.0") {
				t.Errorf("%d pictures, first %+v", len(v.Pictures), v.Pictures[0].Caption)
			}
		}
	}
	if kinds != "curve table gallery " {
		t.Errorf("recorded %s", kinds)
	}
	seen.records = nil
	if err := Rarity(context.Background(), env, nil, nil); err != nil || len(seen.records) > 0 {
		t.Errorf("of no images: %v, %v", seen.records, err)
	}
}

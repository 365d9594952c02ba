package torch

// optimizerCases were computed with torch.optim 2.11 in float64.
var optimizerCases = []struct {
	name  string
	rule  Rule
	decay float64
	want  [3]float64
}{
	{"adam", Rule{Kind: RuleAdam, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}, 0, [3]float64{0.9052631598, -1.9366103535, 2.8115623562}},
	{"adam decay", Rule{Kind: RuleAdam, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}, 0.1, [3]float64{0.8866836231, -1.9250178785, 2.8052746126}},
	{"adamw", Rule{Kind: RuleAdamW, Beta1: 0.9, Beta2: 0.999, Eps: 1e-8}, 0.1, [3]float64{0.8863631598, -1.8978103535, 2.7528623561}},
	{"sgd", Rule{Kind: RuleSGD}, 0, [3]float64{1.0000000000, -2.1000000000, 2.8750000000}},
	{"sgd momentum decay dampening", Rule{Kind: RuleSGD, Momentum: 0.9, Dampening: 0.5}, 0.1, [3]float64{0.9063000000, -1.8626000000, 2.8307750000}},
	{"sgd nesterov", Rule{Kind: RuleSGD, Momentum: 0.9, Nesterov: true}, 0, [3]float64{0.9595000000, -2.1090000000, 2.7422500000}},
}

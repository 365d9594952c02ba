"""Writes ../scikit_test.go: what scikit-learn computes for predictions with ties
and with a class that does not occur.

    pip install scikit-learn numpy && python make_reference.py
"""

import warnings

import numpy as np
import sklearn
import sklearn.metrics as m

warnings.filterwarnings("ignore")
rng = np.random.default_rng(5)


def case(name, n, labels):
    p = np.round(rng.dirichlet((1, 1, 1), n), 1) + 0.01  # rounded: many ties
    p /= p.sum(1, keepdims=True)
    y = rng.choice(labels, n)
    guess = p.argmax(1)
    areas = [m.roc_auc_score(y == c, p[:, c]) for c in labels]
    want = {
        "loss/loss": m.log_loss(y, p, labels=[0, 1, 2]),
        "accuracy/accuracy": m.accuracy_score(y, guess),
        "balanced_accuracy/balanced_accuracy": m.balanced_accuracy_score(y, guess),
        "precision/macro_precision": m.precision_score(y, guess, average="macro", zero_division=0),
        "recall/macro_recall": m.recall_score(y, guess, average="macro", zero_division=0),
        "f1/macro_f1": m.f1_score(y, guess, average="macro", zero_division=0),
        "kappa/kappa": m.cohen_kappa_score(y, guess, weights="quadratic"),
        "auroc/macro_auroc": float(np.mean(areas)),
    }
    rows = ", ".join("{" + ", ".join(f"{v:.17g}" for v in row) + "}" for row in p)
    numbers = "".join(f'\t\t"{k}": {v:.17g},\n' for k, v in want.items())
    return f'\t{{"{name}", []int{{{", ".join(map(str, y))}}}, [][]float64{{{rows}}}, map[string]float64{{\n{numbers}\t}}}},\n'


with open("../scikit_test.go", "w") as f:
    f.write(f"package evaluate\n\n// scikitCases were made by testdata/make_reference.py with scikit-learn {sklearn.__version__}.\n")
    f.write("var scikitCases = []struct {\n\tname string\n\tlabels []int\n\tprobabilities [][]float64\n\twant map[string]float64\n}{\n")
    f.write(case("three classes", 40, [0, 1, 2]) + case("an absent class", 20, [0, 1]) + "}\n")

"""Writes readers.json: a reader beside a net, by scikit-learn and NumPy.

    pip install scikit-learn numpy && python readers.py

Probabilities are whole hundredths, so that there are ties.
"""

import json
import pathlib

import numpy as np
import sklearn
import sklearn.metrics as m

rng = np.random.default_rng(7)


def level(y, p, said, w):
    """The ROC curve where it is level with the reader, between its points on the straight line."""
    fpr, tpr, _ = m.roc_curve(y, p, sample_weight=w, drop_intermediate=False)
    found = w[(y == 1) & (said == 1)].sum() / w[y == 1].sum()
    wrong = w[(y == 0) & (said == 1)].sum() / w[y == 0].sum()
    least = np.interp(-found, -tpr[::-1], fpr[::-1])  # of equal tpr the smallest fpr
    return {"sensitivity": found, "specificity": 1 - wrong, "net_sensitivity": np.interp(wrong, fpr, tpr), "net_specificity": 1 - least}


cases = []
for n, weighted in [(12, False), (40, False), (40, True), (200, False), (200, True)]:
    y = rng.integers(0, 2, n)
    p = np.clip(np.round(0.5 + (y - 0.5) * 0.3 + rng.normal(0, 0.25, n), 1 if n < 50 else 2), 0, 1)
    said = np.where(rng.random(n) < 0.8, y, 1 - y)
    w = rng.integers(0, 3, n).astype(float) if weighted else np.ones(n)
    w[y.argmax()] = w[y.argmin()] = 1  # both are there
    cases.append({"label": y.tolist(), "hundredths": np.round(p * 100).astype(int).tolist(), "said": said.tolist(), "weights": w.tolist(),
                  "want": {k: float(v) for k, v in level(y, p, said, w).items()},
                  "kappa": m.cohen_kappa_score(y, said), "accuracy": m.accuracy_score(y, said)})
for answer in [0, 1]:  # readers who always say the same
    y = np.array([0, 0, 1, 1, 1])
    p = np.array([0.1, 0.6, 0.4, 0.6, 0.9])
    said, w = np.full(5, answer), np.ones(5)
    cases.append({"label": y.tolist(), "hundredths": np.round(p * 100).astype(int).tolist(), "said": said.tolist(), "weights": w.tolist(),
                  "want": level(y, p, said, w), "kappa": m.cohen_kappa_score(y, said), "accuracy": m.accuracy_score(y, said)})
text = json.dumps({"made_by": f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}", "cases": cases})
pathlib.Path(__file__).with_name("readers.json").write_text(text + "\n")

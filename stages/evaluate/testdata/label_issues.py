"""Writes label_issues.json: which labels cleanlab finds wrong, of predictions of three
classes whose labels were spoilt at random. Probabilities are whole thousandths.

    pip install cleanlab numpy
    python label_issues.py > label_issues.json
"""

import json

import cleanlab
import numpy as np
from cleanlab.filter import find_label_issues

rng = np.random.default_rng(7)
cases = []
for n, shares, noise, lean in (60, [0.6, 0.3, 0.1], 0.1, 0), (120, [0.34, 0.33, 0.33], 0.3, 0), (80, [0.6, 0.3, 0.1], 0.15, [2.5, 0, -1]):
    truth = rng.choice(3, n, p=shares)
    truth[:3] = [0, 1, 2]
    logits = rng.normal(0, 1, (n, 3)) + 2.2 * np.eye(3)[truth] + lean
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    whole = np.floor(1000 * p).astype(int)
    whole[:, 0] += 1000 - whole.sum(1)
    labels = np.where(rng.random(n) < noise, rng.integers(0, 3, n), truth)
    labels[:3] = [0, 1, 2]
    found = find_label_issues(labels, whole / 1000, filter_by="confident_learning", return_indices_ranked_by="self_confidence", n_jobs=1)
    cases.append({"labels": labels.tolist(), "thousandths": whole.tolist(), "issues": sorted(int(i) for i in found)})
print(json.dumps({"cleanlab": cleanlab.__version__, "cases": cases}, separators=(",", ":")))

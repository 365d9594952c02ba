"""Says how well odd images are told from the test split: python3 score.py test.csv odd.csv [test.csv odd.csv ...]."""
import sys

import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score

classes = ["normal_mild", "moderate", "severe"]
table = {}
for test, odd in zip(sys.argv[1::2], sys.argv[2::2]):
    t, o = pd.read_csv(test), pd.read_csv(odd)
    table.setdefault("the test split", []).append((np.nan, np.nan, (t.outlier_p <= 0.05).mean()))
    for kind, d in o.groupby(o.case_id.str.replace(r" \d+$", "", regex=True)):
        is_odd = np.r_[np.zeros(len(t)), np.ones(len(d))]
        by = lambda score: roc_auc_score(is_odd, -np.concatenate([score(t), score(d)]))
        table.setdefault(kind, []).append((by(lambda s: s.outlier_p), by(lambda s: s[classes].max(axis=1)), (d.outlier_p <= 0.05).mean()))
print("| images | AUROC of outlier_p | AUROC of the largest probability | share with outlier_p ≤ 0.05 |\n|---|---|---|---|")
for kind, runs in table.items():
    cells = []
    for values in zip(*runs):
        cells.append("" if np.isnan(values).any() else f"{np.median(values):.3f} ({min(values):.3f} to {max(values):.3f})")
    print(f"| {kind} | " + " | ".join(cells) + " |")

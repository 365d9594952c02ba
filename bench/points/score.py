"""Scores predictions of studies whose points nobody marked, by the metric of RSNA 2024, and
measures how far found points lie from true ones, in pixels and slices.

    python score.py FOLDER
"""
import sys
from pathlib import Path
import numpy as np
import pandas as pd

work = Path(sys.argv[1])
classes = ["normal_mild", "moderate", "severe"]
truth = pd.read_csv(work / "data/test_solution.csv").set_index("row_id")


def log_loss(y, p, w):
    return float((w * -np.log(np.clip((y * p).sum(1), 1e-15, 1))).sum() / w.sum())


def score(path):
    said = pd.read_csv(path).set_index("row_id").loc[truth.index]
    y, p, w = truth[classes].to_numpy(float), said[classes].to_numpy(float), truth["sample_weight"].to_numpy(float)
    names = truth.index.to_series()
    parts = [log_loss(y[m], p[m], w[m]) for m in (names.str.contains(c).to_numpy() for c in ("spinal", "foraminal", "subarticular"))]
    spinal = names[names.str.contains("spinal")]
    worst = [[i for i, n in enumerate(truth.index) if n in set(of)] for _, of in spinal.groupby(spinal.str.split("_").str[0])]
    any_y = np.array([y[of, 2].max() for of in worst])
    any_p = np.array([p[of, 2].max() for of in worst])
    any_w = np.array([w[of].max() for of in worst])
    parts.append(log_loss(np.stack([1 - any_y, any_y], 1), np.stack([1 - any_p, any_p], 1), any_w))
    accuracy = float((y.argmax(1) == p.argmax(1)).mean())
    return np.mean(parts), accuracy


key = ["study_id", "condition", "level"]
word = lambda s: s.str.lower().str.replace(r"[ /]", "_", regex=True)
marked, found = (pd.read_csv(p).assign(condition=lambda t: word(t.condition), level=lambda t: word(t.level)) for p in (work / "data/test_label_coordinates.csv", work / "points.csv"))
both = marked.merge(found, on=key, suffixes=("", "_found"))
assert len(both) == len(marked) == len(truth)
slices = (both.instance_number - both.instance_number_found).abs()
pixels = np.hypot(both.x - both.x_found, both.y - both.y_found)
print(f"points {len(both)}: in the series {100 * (both.series_id == both.series_id_found).mean():.1f} %, on the slice {100 * (slices == 0).mean():.1f} %, "
      f"at most one off {100 * (slices <= 1).mean():.1f} %; pixels off: median {pixels.median():.2f}, 90 % within {pixels.quantile(0.9):.2f}")
for name in ("marked", "found"):
    print("{}: rsna_log_loss {:.4f}, accuracy {:.4f}".format(name, *score(work / f"{name}.csv")))

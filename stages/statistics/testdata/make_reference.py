"""Writes reference.json: SciPy's BCa and percentile intervals of given bootstrap
distributions; and p-values corrected step by step as Westfall and Young (1993) define it,
written down from the definition, without anything sorted.

    pip install scipy numpy && python make_reference.py
"""

import json
import pathlib

import numpy as np
import scipy
from scipy import stats

rng = np.random.default_rng(7)


def interval(name, data, statistic, resamples):
    draws = [statistic(data[rng.integers(0, len(data), len(data))]) for _ in range(resamples)]
    old = stats._resampling.BootstrapResult(None, np.array(draws), None)
    jackknife = [statistic(np.delete(data, i)) for i in range(len(data))]
    out = {"name": name, "value": float(statistic(data)), "replicates": [float(v) for v in draws], "jackknife": [float(v) for v in jackknife], "want": {}}
    for method in ["BCa", "percentile"]:
        for level in [0.95, 0.8]:
            r = stats.bootstrap((data,), statistic, n_resamples=0, bootstrap_result=old, method=method, confidence_level=level, vectorized=False)
            out["want"][f"{method} {level}"] = [float(r.confidence_interval.low), float(r.confidence_interval.high)]
    return out


def joint(name, p, shared, holes=()):
    """The chance that the smallest of the p that are no smaller than this one would be as small."""
    own = np.random.default_rng(len(p))
    draws = shared * own.normal(size=60) + (1 - shared) * own.normal(size=(len(p), 60)) + own.normal(size=(len(p), 1))
    for k, b in holes:
        draws[k, b] = np.nan
    far = np.abs(draws - np.nanmean(draws, axis=1, keepdims=True))
    chance = np.array([[1 if np.isnan(v) else np.mean(row[~np.isnan(row)] >= v) for v in row] for row in far])
    corrected = []
    for k in range(len(p)):
        later = [j for j in range(len(p)) if (p[j], j) >= (p[k], k)]
        seen = max(p[k], 1 / 60)
        c = max(p[k], (1 + sum(min(chance[j, b] for j in later) <= seen for b in range(60))) / 61)
        if p[k] < 1 / 60:  # Holm's, where resamples see no further
            c = min(c, p[k] * len(later))
        corrected.append(c)
    corrected = [max(c for j, c in enumerate(corrected) if (p[j], j) <= (p[k], k)) for k in range(len(p))]
    return {"name": name, "p": p, "replicates": [[None if np.isnan(v) else float(v) for v in row] for row in draws], "want": corrected}


reference = {
    "made_with": f"SciPy {scipy.__version__}, numpy {np.__version__}",
    "intervals": [
        interval("mean of skewed numbers", rng.exponential(1, 25).round(3), np.mean, 199),
        interval("a ratio", rng.lognormal(0, 1, 15).round(3), lambda v: v.std() / v.mean(), 150),
        interval("median, with ties", rng.integers(0, 9, 21).astype(float), np.median, 150),
        interval("a share", (rng.random(30) < 0.1).astype(float), np.mean, 150),
    ],
    "joint": [
        joint("independent", [0.04, 0.015, 0.3, 0.04, 0.9], 0),
        joint("much in common", [0.2, 0.03, 0.05, 0.031], 0.8),
        joint("beyond the resamples", [0.001, 0.5, 0.004, 0.0002, 0.006], 0.3),
        joint("replicates that do not exist", [0.03, 0.02, 0.4], 0.5, [(0, 3), (1, 3), (2, 3), (1, 40)]),
    ],
}
pathlib.Path(__file__).with_name("reference.json").write_text(json.dumps(reference, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")

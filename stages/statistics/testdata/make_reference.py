"""Writes reference.json: SciPy's BCa and percentile intervals of given bootstrap
distributions.

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


reference = {
    "made_with": f"SciPy {scipy.__version__}, numpy {np.__version__}",
    "intervals": [
        interval("mean of skewed numbers", rng.exponential(1, 25).round(3), np.mean, 199),
        interval("a ratio", rng.lognormal(0, 1, 15).round(3), lambda v: v.std() / v.mean(), 150),
        interval("median, with ties", rng.integers(0, 9, 21).astype(float), np.median, 150),
        interval("a share", (rng.random(30) < 0.1).astype(float), np.mean, 150),
    ],
}
pathlib.Path(__file__).with_name("reference.json").write_text(json.dumps(reference, separators=(",", ":")).replace('{"name"', '\n{"name"') + "\n")

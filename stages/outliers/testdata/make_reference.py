"""Writes reference.json: scikit-learn's LedoitWolf on a few features, with fewer and with more rows than features.

python3 make_reference.py, with scikit-learn and numpy.
"""
import json

import numpy as np
import sklearn
from sklearn.covariance import LedoitWolf

out = {"sklearn": sklearn.__version__, "cases": []}
for n, f in ((60, 6), (7, 12)):
    rng = np.random.default_rng(n)
    x = (rng.normal(size=(n, f)) @ rng.normal(size=(f, f)) + rng.normal(size=f)).astype(np.float32)
    x[:, 1] = np.maximum(x[:, 1], 0)
    z = (3 * rng.normal(size=(5, f))).astype(np.float32)
    lw = LedoitWolf().fit(x.astype(np.float64))
    out["cases"].append({
        "rows": x.tolist(), "asked": z.tolist(), "shrinkage": float(lw.shrinkage_),
        "mahalanobis": lw.mahalanobis(z.astype(np.float64)).tolist(),
        "variances": np.linalg.eigvalsh(lw.covariance_)[::-1].tolist(),
    })
json.dump(out, open("reference.json", "w"))

"""Writes reference.json: scipy's multivariate Student distribution, and the mode of its
posterior found by scipy's own minimiser, for offsets some of which are wrong.

    python3 make_reference.py        (numpy, scipy)
"""

import json

import numpy as np
import scipy
from scipy.optimize import minimize
from scipy.stats import multivariate_t

FREEDOM, STUDIES, SLICE, SIZE = 3, 4, 3.0, 0.1
LOWER = ([0, 1, 1, 2, 2, 2], [0, 0, 1, 0, 1, 2])
rng = np.random.default_rng(7)


def densities():
    out = []
    for _ in range(12):
        factor = np.tril(rng.normal(size=(3, 3)) * 4) + np.eye(3) * 2
        spread, middle = factor @ factor.T, rng.normal(size=3) * 30
        offset = middle + factor @ rng.normal(size=3) * rng.choice([0.3, 1, 10])
        student = multivariate_t(middle, spread, df=FREEDOM)
        out.append({
            "middle": middle.tolist(), "spread": spread[LOWER].tolist(), "offset": offset.tolist(),
            "fit": float(student.logpdf(offset) - student.logpdf(middle)),
        })
    return out


def mode(offsets):
    """The middle and spread that make the posterior largest: Student's likelihood with an
    inverse Wishart prior on the spread."""
    around = np.median(offsets, axis=0)
    prior = (SLICE + SIZE * np.linalg.norm(around)) ** 2 * np.eye(3)

    def parts(v):
        factor = np.zeros((3, 3))
        factor[LOWER] = v[3:]
        factor[np.diag_indices(3)] = np.exp(factor[np.diag_indices(3)])
        return v[:3], factor @ factor.T

    def cost(v):
        middle, spread = parts(v)
        log_prior = -STUDIES / 2 * (np.linalg.slogdet(spread)[1] + np.trace(np.linalg.solve(spread, prior)))
        return -np.sum(multivariate_t.logpdf(offsets, middle, spread, df=FREEDOM)) - log_prior

    v = np.zeros(9)
    v[:3], v[[3, 5, 8]] = around, np.log(np.sqrt(prior[0, 0]))
    for _ in range(4):
        v = minimize(cost, v, method="BFGS", options={"gtol": 1e-9}).x
        v = minimize(cost, v, method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 20000}).x
    middle, spread = parts(v)
    return middle, spread * (1 + 1 / len(offsets))


def fits():
    out = []
    for n, wrong in [(1, 0), (2, 0), (5, 1), (20, 2), (60, 6)]:
        factor = np.tril(rng.normal(size=(3, 3)) * 3) + np.eye(3) * 2
        offsets = rng.normal(size=3) * 40 + rng.normal(size=(n, 3)) @ factor.T
        offsets[:wrong] += [0, 0, 35]
        middle, spread = mode(offsets)
        out.append({"offsets": offsets.tolist(), "middle": middle.tolist(), "spread": spread[LOWER].tolist()})
    return out


with open("reference.json", "w") as f:
    json.dump({"scipy": scipy.__version__, "densities": densities(), "fits": fits()}, f, indent=1)
    f.write("\n")

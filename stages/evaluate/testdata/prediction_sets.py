"""Writes prediction_sets.json: thresholds and prediction sets of random predictions, from the
equations of the papers in NumPy. Those of lac and aps for exchangeable cases are held against
MAPIE, and a fault there stops the script.

    pip install numpy scikit-learn mapie==1.6.0 && python prediction_sets.py
"""

import json
import math
import pathlib

import numpy as np
from mapie.classification import SplitConformalClassifier
from mapie.conformity_scores import APSConformityScore, LACConformityScore
from sklearn.base import BaseEstimator, ClassifierMixin

SEED, MASK = 7, (1 << 64) - 1
rng = np.random.default_rng(2024)


def drawn(case):
    """The chance of a case: FNV-1a of seed and name, MurmurHash3's finalizer, 53 bits."""
    h = 14695981039346656037
    for byte in SEED.to_bytes(8, "little") + ("prediction set " + case).encode():
        h = (h ^ byte) * 1099511628211 & MASK
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        h = ((h ^ h >> 33) * factor) & MASK
    h ^= h >> 33
    return (h >> 11) / 2**53


def lac(p, u):
    """Sadinle, Lei and Wasserman 2019."""
    return 1 - p


def aps(p, u):
    """Romano, Sesia and Candes 2020: what is likelier, and u of the class itself."""
    return np.array([p[p > v].sum() + u * v for v in p])


def raps(p, u, penalty=0.1, free=1):
    """Angelopoulos, Bates, Malik and Jordan 2021."""
    rank = np.array([(p >= v).sum() for v in p])
    return aps(p, u) + penalty * np.maximum(rank - free, 0)


def ordinal_aps(p, u):
    """Lu, Angelopoulos and Pomerantz 2022, for every threshold at once."""
    low = high = int(p.argmax())
    score = np.zeros(len(p))
    score[low] = u * p[low]
    while high - low + 1 < len(p):
        mass = p[low : high + 1].sum()
        below = p[low - 1] if low > 0 else -1
        above = p[high + 1] if high + 1 < len(p) else -1
        if below >= above:
            low -= 1
            score[low] = mass + u * p[low]
        else:
            high += 1
            score[high] = mass + u * p[high]
    return score


METHODS = {"lac": lac, "aps": aps, "raps": raps, "ordinal_aps": ordinal_aps}


def of_cases(scores, groups, coverage):
    """The ceil((n+1)(1-alpha))-th smallest."""
    rank = math.ceil((len(scores) + 1) * coverage - 1e-9)
    return None if rank > len(scores) else float(np.sort(scores)[rank - 1])


def of_groups(scores, groups, coverage):
    """Lee, Barber and Willett 2023: the quantile of a mixture of groups and infinity."""
    names = sorted(set(groups))
    for t in np.sort(scores):
        shares = [np.mean(scores[groups == g] <= t) for g in names]
        if sum(shares) / (len(names) + 1) >= coverage - 1e-12:
            return float(t)
    return None


QUANTILES = {"cases": of_cases, "groups": of_groups}


class Told(ClassifierMixin, BaseEstimator):
    """A classifier whose features are the probabilities."""

    def fit(self, X, y):
        self.classes_ = np.arange(X.shape[1])
        return self

    def predict_proba(self, X):
        return X

    def predict(self, X):
        return X.argmax(1)

    def __sklearn_is_fitted__(self):
        return True


class Preset(np.random.RandomState):
    """Draws what it is given."""

    def uniform(self, low=0, high=1, size=None):
        return np.asarray(self.of[np.prod(size)]).reshape(size)

    def __deepcopy__(self, memo):
        return self


def by_mapie(name, coverage, known, labels, u_known, new, u_new):
    score = {"lac": LACConformityScore, "aps": APSConformityScore}[name]()
    state = Preset(0)
    state.of = {len(known): 1 - u_known, len(new): 1 - u_new}  # theirs counts the class and takes u off
    c = SplitConformalClassifier(Told().fit(known, labels), confidence_level=coverage, prefit=True, conformity_score=score, random_state=state)
    c.conformalize(known, labels)
    params = {"include_last_label": "randomized"} if name == "aps" else None
    return c.predict_set(new, conformity_score_params=params)[1][:, :, 0]


def example(name, classes, n, new, group):
    alpha = np.linspace(0.4, 2, classes)[::-1]
    p = np.round(rng.dirichlet(alpha, n + new), 5)
    at = np.arange(n + new), p.argmax(1)
    p[at] = np.round(p[at] + 1 - p.sum(1), 5)
    labels = np.array([rng.choice(classes, p=row / row.sum()) for row in p])
    sizes = rng.integers(1, group + 1, n)
    groups = np.repeat(np.arange(n), sizes)[:n]
    u = np.array([drawn(f"{i:03d}") for i in range(n + new)])
    out = {"name": name, "known": p[:n].tolist(), "labels": labels[:n].tolist(), "groups": groups.tolist(), "new": p[n:].tolist(), "want": []}
    for method, score in METHODS.items():
        for randomised in (False, True) if method != "lac" else (False,):
            scores = np.array([score(row, v if randomised else 0) for row, v in zip(p, u)])
            true = scores[np.arange(n), labels[:n]]
            for coverage in (0.8, 0.9):
                for unit, quantile in QUANTILES.items():
                    for guarantee in ("marginal", "class_conditional"):
                        if guarantee == "marginal":
                            t = [quantile(true, groups, coverage)]
                        else:
                            t = [quantile(true[labels[:n] == k], groups[labels[:n] == k], coverage) for k in range(classes)]
                        high = np.array([np.inf if v is None else v for v in t])
                        sets = scores[n:] <= high
                        if method in ("lac", "aps") and unit == "cases" and guarantee == "marginal" and t != [None]:
                            chance = u if randomised else np.zeros(n + new)
                            theirs = by_mapie(method, coverage, p[:n], labels[:n], chance[:n], p[n:], chance[n:])
                            assert (theirs == sets).all(), (name, method, randomised, coverage)
                        if method == "ordinal_aps":  # a range: what lies between is in
                            sets = np.array([(np.cumsum(r) > 0) & (np.cumsum(r[::-1])[::-1] > 0) for r in sets])
                        out["want"].append({
                            "method": method, "randomised": randomised, "coverage": coverage, "exchangeable": unit, "guarantee": guarantee,
                            "thresholds": t, "sets": ["".join("01"[int(b)] for b in r) for r in sets],
                        })
    return out


examples = [example("three classes", 3, 60, 20, 4), example("six classes", 6, 90, 20, 1), example("too few", 4, 7, 6, 2)]
pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(examples, separators=(",", ":")) + "\n")

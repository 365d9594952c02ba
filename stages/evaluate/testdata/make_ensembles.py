"""Makes ensembles.json: blends of three nets, greedy weights and agreement, by NumPy and scikit-learn.

--bags prints what bagging does to the log loss on other cases, as greedy.go quotes it.
Versions: numpy 2.4.6, scikit-learn 1.9.1.
"""

import json
import sys

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.metrics import cohen_kappa_score, f1_score, log_loss

CLASSES = 3


def softmax(z):
    z = np.exp(z - z.max(-1, keepdims=True))
    return z / z.sum(-1, keepdims=True)


def simulate(rng, groups, skills, temperatures, shared=0.6):
    """Nets of some skill over groups of five cases; what makes a case hard is shared."""
    n = groups * 5
    labels = rng.choice(CLASSES, n, p=[0.6, 0.2, 0.2])
    hard = np.repeat(rng.normal(size=groups), 5)
    common = rng.normal(size=(n, CLASSES)) * shared
    nets = []
    for skill, temperature in zip(skills, temperatures):
        z = common + rng.normal(size=(n, CLASSES)) * np.sqrt(1 - shared**2)
        z[np.arange(n), labels] += 0.6 + 0.5 * hard + skill
        nets.append(softmax(z * temperature))
    return nets, labels


def arithmetic(nets, counts):
    return np.average(nets, axis=0, weights=counts)


def geometric(nets, counts):
    return softmax(np.average(np.log(np.clip(nets, np.finfo(float).eps, None)), axis=0, weights=counts))


def loss(p, labels, weights=None):
    return log_loss(labels, p, labels=range(CLASSES), sample_weight=weights)


def minus_f1(p, labels, weights=None):
    return -f1_score(labels, p.argmax(1), labels=range(CLASSES), average="macro", zero_division=0, sample_weight=weights)


def greedy(nets, labels, rounds, blend=arithmetic, cost=loss, weights=None, allowed=None):
    """Forward selection with replacement from the best N (Caruana et al. 2004): counts, start, costs."""
    allowed = list(range(len(nets)) if allowed is None else allowed)

    def at(counts):
        return cost(blend(nets, counts), labels, weights)

    def with_one(counts, m):
        return counts + np.eye(len(nets), dtype=int)[m]

    none = np.zeros(len(nets), int)
    order = sorted(allowed, key=lambda m: at(with_one(none, m)))
    starts = [sum((with_one(none, m) for m in order[:n]), none) for n in range(1, len(order) + 1)]
    path = [min(starts, key=at)]
    for _ in range(rounds):
        path.append(min((with_one(path[-1], m) for m in allowed), key=at))
    costs = [at(c) for c in path]
    return path[int(np.argmin(costs))], int(path[0].sum()), costs


class Fixed:
    """A classifier that says what it is told."""

    def __init__(self, said):
        self.said = said

    def predict_proba(self, _):
        return self.said


def voted(nets, weights):
    vote = VotingClassifier([(str(i), None) for i in range(len(nets))], voting="soft", weights=weights)
    vote.estimators_ = [Fixed(p) for p in nets]
    return vote.predict_proba(np.zeros((len(nets[0]), 1)))


def agreement(a, b, labels):
    a, b = a.argmax(1), b.argmax(1)
    return {"differ": float(np.mean(a != b)), "kappa": float(cohen_kappa_score(a, b)),
            "errors": float(np.corrcoef(a != labels, b != labels)[0, 1]), "both": float(np.mean((a != labels) & (b != labels)))}


def fixture():
    rng = np.random.default_rng(11)
    nets, labels = simulate(rng, 12, [0.3, 0.5, 0.1], [0.8, 2.0, 1.2])
    nets = [np.round(p, 6) for p in nets]
    nets[2][0] = [0, 0.25, 0.75]  # a net that rules a class out
    nets = [p / p.sum(1, keepdims=True) for p in nets]
    given = [0.5, 0.3, 0.2]
    out = {"labels": labels.tolist(), "nets": [p.tolist() for p in nets], "weights": given, "greedy": [],
           "mean": voted(nets, given).tolist(), "geometric": geometric(nets, given).tolist(),
           "agreement": [agreement(nets[a], nets[b], labels) for a, b in [(0, 1), (0, 2), (1, 2)]]}
    for by, blend in [("mean", arithmetic), ("geometric", geometric)]:
        for number, cost in [("loss", loss), ("macro_f1", minus_f1)]:
            counts, start, costs = greedy(nets, labels, 40, blend, cost)
            out["greedy"].append({"by": by, "number": number, "counts": counts.tolist(), "start": start,
                                  "values": [abs(c) for c in costs]})
    with open(__file__.replace("make_ensembles.py", "ensembles.json"), "w") as f:
        json.dump(out, f)


def bags():
    for size, groups in [(3, 60), (5, 60), (5, 200), (20, 60)]:
        found = {}
        for seed in range(40):
            rng = np.random.default_rng(seed)
            skills, temperatures = rng.normal(size=size) * 0.5, np.exp(rng.normal(size=size) * 0.3)
            nets, labels = simulate(rng, groups, skills, temperatures)
            others, truth = simulate(rng, 4000, skills, temperatures)

            def drawn():
                return np.repeat(np.bincount(rng.integers(groups, size=groups), minlength=groups), 5)

            def some():
                return sorted(rng.choice(size, max(1, size // 2), replace=False))

            def share(**args):
                counts, _, _ = greedy(nets, labels, 60, cost=plain, **args)
                return counts / counts.sum()

            weights = {"best": np.eye(size)[int(np.argmin([plain(p, labels) for p in nets]))], "equal": np.ones(size) / size,
                       "greedy": share(), "bags of nets": np.mean([share(allowed=some()) for _ in range(20)], 0),
                       "bags of patients": np.mean([share(weights=drawn()) for _ in range(20)], 0)}
            for name, w in weights.items():
                found.setdefault(name, []).append(plain(arithmetic(others, w), truth))
        print(size, "nets,", groups, "patients:", {name: round(float(np.mean(v)), 4) for name, v in found.items()}, flush=True)


def plain(p, labels, weights=None):
    """log_loss without its checks, which take most of its time."""
    return np.average(-np.log(np.clip(p[np.arange(len(labels)), labels], np.finfo(float).eps, None)), weights=weights)


if __name__ == "__main__":
    bags() if "--bags" in sys.argv else fixture()

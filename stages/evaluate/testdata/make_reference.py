"""Writes reference.json: what scikit-learn computes of some predictions, and what
the official RSNA 2024 metric, put together from scikit-learn's log_loss by its
description, gives for predictions with missing labels.

    pip install scikit-learn scipy numpy && python make_reference.py

A number that does not exist is null. Probabilities are whole thousandths, given
as such, so that there are ties and no rounding.
"""

import json
import pathlib
import warnings

import numpy as np
import scipy.optimize
import scipy.special
import sklearn
import sklearn.calibration
import sklearn.linear_model as linear
import sklearn.metrics as m

warnings.filterwarnings("ignore")
rng = np.random.default_rng(2024)
EPSILON = np.finfo(np.float64).eps


def number(v):
    return None if v is None or np.isnan(v) else float(v)


def thousandths(n, k, step):
    """Random rows of k multiples of step that sum to 1000."""
    whole = 1000 // step
    cuts = np.sort(rng.integers(0, whole + 1, (n, k - 1)), 1)
    edges = np.concatenate([np.zeros((n, 1), int), cuts, np.full((n, 1), whole)], 1)
    return np.diff(edges, axis=1) * step


def areas(y, p, w):
    """AUROC of each class against the rest; null where there is nothing to rank."""
    out = []
    for c in range(p.shape[1]):
        out.append(None if len(set((y == c)[w > 0])) < 2 else m.roc_auc_score(y == c, p[:, c], sample_weight=w))
    return out


def precisions(y, p, w):
    """Average precision of each class; null for a class without cases."""
    return [m.average_precision_score(y == c, p[:, c], sample_weight=w) if w[y == c].sum() > 0 else None for c in range(p.shape[1])]


def calibration_error(y, p, w, bins):
    """Guo et al. 2017, equation 3; bins contain their upper edge."""
    guess, top = p.argmax(1), p.max(1)
    at = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], top)
    error = 0
    for b in set(at):
        here = at == b
        error += abs((w * (guess == y))[here].sum() - (w * top)[here].sum())
    return error / w.sum()


def adaptive_calibration_error(y, p, w, bins):
    """Nixon et al. 2019; equal probabilities are one item in the middle of their weight."""
    error = 0
    for c in range(p.shape[1]):
        sums, before = np.zeros((bins, 2)), 0
        for v in sorted(set(p[w > 0, c]), reverse=True):
            here = p[:, c] == v
            b = min(int((before + w[here].sum() / 2) * (bins / w.sum())), bins - 1)
            sums[b] += [w[here & (y == c)].sum(), w[here].sum() * v]
            before += w[here].sum()
        error += abs(sums[:, 0] - sums[:, 1]).sum() / w.sum()
    return error / p.shape[1]


def specificity(y, guess, w, k, average):
    """Over the classes that occur or are predicted, as scikit-learn averages."""
    seen = [c for c in range(k) if w[(y == c) | (guess == c)].sum() > 0]
    each = [m.recall_score(y != c, guess != c, sample_weight=w, zero_division=0) for c in seen]
    return np.mean(each) if average == "macro" else np.average(each, weights=[w[y == c].sum() for c in seen])


def positive_class(y, p, guess, w, c):
    """One class alone; what has no case to be measured on does not exist."""
    of = dict(sample_weight=w, zero_division=np.nan)
    return {
        "positive_precision": m.precision_score(y == c, guess == c, sample_weight=w, zero_division=0),
        "positive_recall": m.recall_score(y == c, guess == c, **of),
        "positive_specificity": m.recall_score(y != c, guess != c, **of),
        "positive_f1": m.f1_score(y == c, guess == c, **of),
        "positive_average_precision": m.average_precision_score(y == c, p[:, c], sample_weight=w) if (y == c).any() else None,
    }


def operating_point(y, p, w, c, given=0.9):
    """Points of roc_curve: the most sensitivity at a specificity, and the other way round."""
    if len(set(y == c)) < 2:
        return {"sensitivity_at_specificity": None, "specificity_at_sensitivity": None}
    fpr, tpr, _ = m.roc_curve(y == c, p[:, c], sample_weight=w, drop_intermediate=False)
    return {
        "sensitivity_at_specificity": tpr[1 - fpr >= given - 1e-12].max(),
        "specificity_at_sensitivity": (1 - fpr)[tpr >= given - 1e-12].max(),
    }


def recalibration(y, p, w, c):
    """Logistic regressions of what happened on the logit of what was said."""
    y, p = (y == c)[w > 0], p[w > 0, c]
    w = w[w > 0]
    names = ["observed_expected", "calibration_intercept", "calibration_slope"]
    if len(set(y)) < 2:
        return dict.fromkeys(names)
    clipped = np.clip(p, EPSILON, 1 - EPSILON)
    x = np.log(clipped / (1 - clipped))
    off = lambda a: (w * (y - scipy.special.expit(a + x))).sum()
    slope = None
    if x[~y].max() > x[y].min() and x[y].max() > x[~y].min():  # otherwise there is no largest likelihood
        fit = linear.LogisticRegression(penalty=None, solver="newton-cholesky", tol=1e-13, max_iter=10000)
        slope = fit.fit(x[:, None], y, sample_weight=w).coef_[0, 0]
    expected = (w * p).sum()
    return dict(zip(names, [(w * y).sum() / expected if expected else None, scipy.optimize.brentq(off, -80, 80, xtol=1e-13), slope]))


def net_benefit(y, p, w, c, threshold=0.2):
    """Vickers and Elkin 2006."""
    acted = p[:, c] >= threshold
    return (w[acted & (y == c)].sum() - w[acted & (y != c)].sum() * threshold / (1 - threshold)) / w.sum()


def general(name, y, rows, w=None):
    p, y = rows / 1000, np.asarray(y)
    given, w = w, np.ones(len(y)) if w is None else np.asarray(w)
    k, guess = p.shape[1], (rows / 1000).argmax(1)
    labels = list(range(k))
    there = w > 0  # a case of weight 0 is none; scikit-learn looks at its label all the same
    y0, p0, guess0, w0 = y[there], p[there], guess[there], w[there]
    brier = dict(y_proba=p0, sample_weight=w0, labels=labels) if k > 2 else dict(y_proba=p0[:, 1], sample_weight=w0, pos_label=1)
    want = {
        "loss": m.log_loss(y, p, labels=labels, sample_weight=w),
        "accuracy": m.accuracy_score(y, guess, sample_weight=w),
        "balanced_accuracy": m.balanced_accuracy_score(y0, guess0, sample_weight=w0),
        "mcc": m.matthews_corrcoef(y0, guess0, sample_weight=w0),
        "mean_absolute_error": m.mean_absolute_error(y, guess, sample_weight=w),
        "brier": m.brier_score_loss(y0, **brier),
        "top_2_accuracy": m.top_k_accuracy_score(y, p, k=2, labels=labels, sample_weight=w) if k > 2 else 1,
        "calibration_error": calibration_error(y, p, w, 15),
        "adaptive_calibration_error": adaptive_calibration_error(y, p, w, 5),
    }
    for average in ["macro", "weighted"]:
        of = dict(average=average, zero_division=0, sample_weight=w0)
        want[average + "_precision"] = m.precision_score(y0, guess0, **of)
        want[average + "_recall"] = m.recall_score(y0, guess0, **of)
        want[average + "_f1"] = m.f1_score(y0, guess0, **of)
        want[average + "_specificity"] = specificity(y, guess, w, k, average)
    want |= positive_class(y0, p0, guess0, w0, k - 1)
    want |= operating_point(y0, p0, w0, k - 1) | {"net_benefit": net_benefit(y0, p0, w0, k - 1)}
    want |= recalibration(y0, p0, w0, k - 1)
    for weights in ["quadratic", "linear", "none"]:
        want["kappa " + weights] = m.cohen_kappa_score(y, guess, labels=labels, weights=None if weights == "none" else weights, sample_weight=w)
    area, precision = areas(y, p, w), precisions(y, p, w)
    mean = lambda values: np.mean([v for v in values if v is not None]) if any(v is not None for v in values) else None
    want["macro_auroc"], want["macro_average_precision"] = mean(area), mean(precision)
    curves, roc, pr = [], [], []
    for c in labels:
        two = given is None and len(set(y == c)) == 2
        curve = None
        if two:  # calibration_curve wants both outcomes
            happened, stated = sklearn.calibration.calibration_curve(y == c, p[:, c], n_bins=15)
            curve = [stated.tolist(), happened.tolist()]
        curves.append(curve)
        roc.append([v.tolist() for v in m.roc_curve(y == c, p[:, c])[:2]] if two else None)
        pr.append([v[:-1][::-1].tolist() for v in m.precision_recall_curve(y == c, p[:, c], drop_intermediate=False)[1::-1]] if two else None)
    per_class = list(m.precision_recall_fscore_support(y, guess, labels=labels, zero_division=0, sample_weight=w))
    per_class.append([m.recall_score(y != c, guess != c, sample_weight=w, zero_division=0) for c in labels])
    return {
        "name": name, "labels": y.tolist(), "thousandths": rows.tolist(), "weights": given,
        "want": {k: number(v) for k, v in want.items()},
        "auroc": [number(a) for a in area], "average_precision": [number(a) for a in precision],
        "per_class": np.array(per_class).T.tolist(),
        "confusion": m.confusion_matrix(y, guess, labels=labels, sample_weight=w).tolist(),
        "confusion_shares": m.confusion_matrix(y, guess, labels=labels, normalize="true", sample_weight=w).tolist(),
        "reliability": curves, "roc": roc, "precision_recall": pr,
    }


def weighted_log_loss(onehot, p, w, renormalise):
    """log_loss as scikit-learn before 1.5 computed it (renormalise) or after."""
    p = np.clip(p, EPSILON, 1 - EPSILON)
    if renormalise:
        p = p / p.sum(1, keepdims=True)
    if np.isclose(p.sum(1), 1).all():
        return m.log_loss(onehot, p, sample_weight=w)
    return np.average(-(onehot * np.log(p)).sum(1), weights=w)  # log_loss may refuse such rows


CONDITIONS = {
    "spinal_canal_stenosis": "spinal",
    "left_neural_foraminal_narrowing": "foraminal", "right_neural_foraminal_narrowing": "foraminal",
    "left_subarticular_stenosis": "subarticular", "right_subarticular_stenosis": "subarticular",
}


def official(rows, any_weight, renormalise):
    study = np.array([r[0] for r in rows])
    condition = np.array([CONDITIONS[r[1]] for r in rows])
    y = np.array([r[2] for r in rows])
    p = np.array([r[3:] for r in rows]) / 1000
    w = 2.0 ** y
    terms, weights = {}, []
    for c in ["spinal", "foraminal", "subarticular"]:
        here = condition == c
        terms["rsna_" + c] = weighted_log_loss(np.eye(3)[y[here]], p[here], w[here], renormalise) if here.any() else None
        weights.append(1)
    spinal = condition == "spinal"
    terms["rsna_any_severe"] = None
    if spinal.any():
        each = [spinal & (study == s) for s in dict.fromkeys(study[spinal])]
        y_s = np.array([(y[e] == 2).any() for e in each])
        p_s = np.array([p[e, 2].max() for e in each])
        w_s = np.array([w[e].max() for e in each])
        terms["rsna_any_severe"] = m.log_loss(y_s, np.clip(p_s, EPSILON, 1 - EPSILON), sample_weight=w_s, labels=[False, True])
    weights.append(any_weight)
    there = [(t, v) for t, v in zip(terms.values(), weights) if t is not None]
    terms["rsna_log_loss"] = np.average([t for t, _ in there], weights=[v for _, v in there])
    return {k: number(v) for k, v in terms.items()}


def rsna(name, studies, missing, conditions=tuple(CONDITIONS), off=0):
    rows = []
    for s in range(studies):
        for c in conditions:
            for _ in range(5):
                y = int(rng.choice(3, p=[0.7, 0.2, 0.1]))
                p = thousandths(1, 3, 1)[0]
                p[p.argmax()] += rng.integers(-off, off + 1)
                if rng.random() >= missing:  # a row without label is not scored
                    rows.append([f"{100 + s}", c, y] + p.tolist())
    want = [
        {"any_severe_weight": a, "renormalise": r, "scalars": official(rows, a, r)}
        for a in [1.0, 2.5] for r in [True, False]
    ]
    return {"name": name, "rows": rows, "want": want}


def calibrated(name, n, k, sharpness):
    """The least log loss of softmax(scale · ln p + offset), by SciPy's BFGS."""
    logits = rng.normal(0, 1.5, (n, k))
    truth = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    y = np.array([rng.choice(k, p=row) for row in truth])
    rows = np.exp(sharpness * logits + rng.normal(0, 0.3, k))
    rows = np.maximum(1, (1000 * rows / rows.sum(1, keepdims=True)).round().astype(int))
    rows[np.arange(n), rows.argmax(1)] += 1000 - rows.sum(1)
    z = np.log(rows / 1000)

    def loss(scale, offset):
        return -scipy.special.log_softmax(scale * z + offset, axis=1)[np.arange(n), y].mean()

    one = scipy.optimize.minimize_scalar(lambda b: loss(b, 0), bounds=(1e-3, 50), method="bounded", options={"xatol": 1e-12})
    start = np.r_[np.ones(k), np.zeros(k - 1)]
    ridge = lambda x: 1e-4 * np.sum((x - start) ** 2)
    many = scipy.optimize.minimize(lambda x: loss(x[:k], np.r_[0, x[k:]]) + ridge(x), start, method="BFGS", options={"gtol": 1e-9})
    return {
        "name": name, "labels": y.tolist(), "thousandths": rows.tolist(), "before": loss(1, 0),
        "temperature": {"loss": one.fun, "scale": [one.x]},
        "vector": {"loss": many.fun - ridge(many.x), "scale": many.x[:k].tolist(), "offset": [0] + many.x[k:].tolist()},
    }


POOLED = ["loss"]


def targets(name, y, rows, missing=None):
    """Several answers of each image, [image, target]: each number is the mean over the
    targets for which it exists. Of indicators without gaps that is what scikit-learn
    calls the macro average of multilabel targets, which is computed as such too."""
    images, several = y.shape
    there = np.ones(y.shape, bool) if missing is None else ~missing
    each = [general("", y[there[:, t], t], rows[there[:, t], t])["want"] for t in range(several)]
    of = lambda k: [float("nan") if e[k] is None else e[k] for e in each]
    want = {k: float("nan") if np.isnan(of(k)).all() else np.nanmean(of(k)) for k in each[0]}
    pooled = general("", y[there], rows[there])["want"]
    want |= {k: pooled[k] for k in POOLED}
    multilabel = {}
    if missing is None and rows.shape[2] == 2:
        p = rows[..., 1] / 1000
        multilabel = {
            "macro_auroc": m.roc_auc_score(y, p, average="macro"),
            "positive_average_precision": m.average_precision_score(y, p, average="macro"),
            "positive_precision": m.precision_score(y, p > 0.5, average="macro", zero_division=0),
            "positive_recall": m.recall_score(y, p > 0.5, average="macro"),
            "positive_f1": m.f1_score(y, p > 0.5, average="macro"),
        }
    return {
        "name": name, "labels": np.where(there, y, -1).tolist(), "thousandths": rows.tolist(),
        "want": {k: number(v) for k, v in want.items()}, "multilabel": multilabel,
        "each": {k: [number(v) for v in of(k)] for k in ["macro_auroc", "positive_average_precision", "positive_f1"]},
    }


def indicators(n, shares):
    """Findings of other frequencies, and probabilities that know something of them."""
    y = (rng.random((n, len(shares))) < shares).astype(int)
    p = np.clip((400 * y + rng.integers(0, 60, y.shape) * 10), 1, 999)
    return y, np.stack([1000 - p, p], 2)


def sure(n, k):
    rows = np.zeros((n, k), int)
    rows[np.arange(n), rng.integers(0, k, n)] = 1000
    return rows


reference = {
    "made_with": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
    "general": [
        general("three classes with ties", rng.integers(0, 3, 40), thousandths(40, 3, 100)),
        general("skewed classes", rng.choice(3, 60, p=[0.8, 0.15, 0.05]), thousandths(60, 3, 1)),
        general("the last class is absent", rng.integers(0, 2, 20), thousandths(20, 3, 50)),
        general("the middle class is absent", 2 * rng.integers(0, 2, 20), thousandths(20, 3, 50)),
        general("a class is never predicted", rng.integers(0, 3, 20), np.hstack([thousandths(20, 2, 20), np.zeros((20, 1), int)])),
        general("a class neither occurs nor is predicted", [0, 1, 1, 0], np.array([[900, 100, 0], [300, 700, 0], [600, 400, 0], [400, 600, 0]])),
        general("one case", [1], np.array([[200, 300, 500]])),
        general("one class, all right", [0, 0, 0], np.array([[800, 100, 100], [500, 250, 250], [1000, 0, 0]])),
        general("sure, and often wrong", rng.integers(0, 3, 25), sure(25, 3)),
        general("two classes", rng.integers(0, 2, 30), thousandths(30, 2, 10)),
        general("weighted cases", rng.integers(0, 3, 30), thousandths(30, 3, 50), (rng.integers(0, 12, 30) / 4).tolist()),
        general("drawn again, as a bootstrap does", rng.integers(0, 4, 30), thousandths(30, 4, 100), rng.multinomial(30, [1 / 30] * 30).tolist()),
        general("weights leave one class", [0, 0, 1, 2], thousandths(4, 3, 100), [1, 2, 0, 0]),
        general("six classes", rng.integers(0, 6, 50), thousandths(50, 6, 20)),
    ],
    "calibrated": [
        calibrated("too sure", 120, 3, 3),
        calibrated("not sure enough", 100, 2, 0.4),
        calibrated("many classes", 200, 5, 1.5),
    ],
    "rsna": [
        rsna("missing labels", 5, 0.3),
        rsna("rows that do not sum to 1", 3, 0.1, off=1),
        rsna("one study", 1, 0),
        rsna("only foraminal", 2, 0.2, conditions=["left_neural_foraminal_narrowing"]),
        rsna("no foraminal", 2, 0.2, conditions=["spinal_canal_stenosis", "right_subarticular_stenosis"]),
    ],
}


answers = rng.random((60, 4)) < 0.3  # not given
y, rows = indicators(60, [0.5, 0.3, 0.1, 0.2])
y[:, 3] = 0
three = rng.choice(3, (40, 3), p=[0.6, 0.3, 0.1])
reference["targets"] = [
    targets("five findings", *indicators(80, [0.5, 0.3, 0.2, 0.1, 0.8])),
    targets("answers are missing, and one finding never occurs", y, rows, answers),
    targets("three severities", three, np.stack([thousandths(40, 3, 20) for _ in range(3)], 1)),
]


def threshold(name, y, p):
    """The best F1 and Youden's J of any threshold on thousandths p of the last class, the best
    specificity where the sensitivity is 0.9 or more, and the best sensitivity where the specificity is."""
    cuts = np.r_[p.min() - 1, np.unique(p)] + 0.5
    fpr, tpr, _ = sklearn.metrics.roc_curve(y, p)
    return {"name": name, "labels": y.tolist(), "thousandths": p.tolist(),
            "f1": max(sklearn.metrics.f1_score(y, p > c, zero_division=0) for c in cuts), "youden": float(max(tpr - fpr)),
            "screening": float(max(1 - fpr[tpr >= 0.9])), "confirming": float(max(tpr[1 - fpr >= 0.9]))}


rare = (rng.random(150) < 0.08).astype(int)
reference["thresholds"] = [
    threshold("rare", rare, np.clip(rng.normal(60 + 120 * rare, 60, 150), 0, 1000).astype(int)),
    threshold("apart", np.repeat([0, 1], 10), np.r_[np.arange(10), 500 + np.arange(10)]),
    threshold("ties, and worse than chance", rng.integers(0, 2, 40), 100 * rng.integers(0, 11, 40)),
]


def text(v):
    return json.dumps(v, separators=(",", ":"))


out = ['{"made_with":' + text(reference["made_with"])]
for part in ["general", "calibrated", "rsna", "targets", "thresholds"]:
    out.append(f'"{part}":[\n' + ",\n".join("{" + ",\n ".join(f'"{k}":{text(v)}' for k, v in c.items()) + "}" for c in reference[part]) + "]")
pathlib.Path(__file__).with_name("reference.json").write_text(",\n".join(out) + "}\n")

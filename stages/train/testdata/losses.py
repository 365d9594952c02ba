"""Writes losses.json: each loss with its gradients in float64, by PyTorch 2.11,
timm 1.0, Keras 3, coral_pytorch and LibAUC 2.0 where they have it, else by the formula
of the paper written out.

    KERAS_BACKEND=torch python losses.py > losses.json
"""
import json
import math
import sys

import keras
import timm.loss
import torch
import torch.nn.functional as F
from coral_pytorch.dataset import levels_from_labelbatch
from coral_pytorch.losses import coral_loss, corn_loss
from libauc.losses import PairwiseAUCLoss

keras.config.set_floatx("float64")
B, K = 12, 3
f64 = torch.float64


def tensor(rows, columns, scale, shift):  # exact in float32
    return torch.tensor([[round(256 * scale * math.sin(1.7 * i + 2.9 * j + shift)) / 256 for j in range(columns)] for i in range(rows)], dtype=f64)


LOGITS, ORDINAL = tensor(B, K, 3, 0.4), tensor(B, K - 1, 2, 1.1)
LABELS = torch.tensor([0, 2, 1, 0, 0, 1, 2, 0, 0, 1, 0, 2])
IGNORED = torch.tensor([0, -1, 1, 0, 0, 1, -1, 0, 0, 1, 0, 2])
SHARES = torch.tensor([[0.75, 0.25, 0], [0, 0, 1], [0.5, 0.25, 0.25]] * 4, dtype=f64)
CLASS = torch.tensor([0.5, 2, 4], dtype=f64)
SAMPLE = torch.tensor([1, 2, 0.5, 1, 0, 3] * 2, dtype=f64)
COUNTS = [600, 250, 40]
GROUPS = ["a", "a", "b", "b", "c", "c", "a", "b", "c", "d", "a", "d"]
CONDITIONS = ["spinal_canal_stenosis"] * 6 + ["left_neural_foraminal_narrowing", "spinal_canal_stenosis", "right_subarticular_stenosis",
              "spinal_canal_stenosis", "left_subarticular_stenosis", "right_neural_foraminal_narrowing"]
cases = []


def case(name, loss, settings, formula, ordinal=False, **given):
    logits = (ORDINAL if ordinal else LOGITS).clone().requires_grad_()
    value = formula(logits)
    value.backward()
    cases.append({"name": name, "loss": loss, "settings": settings, "ordinal": ordinal, "given": sorted(given),
                  "want": value.item(), "grad": logits.grad.flatten().tolist()})


def hot(labels):
    return F.one_hot(labels.clamp_min(0), K).to(f64)


# cross-entropy
case("weighted mean", "cross_entropy", {}, lambda z: F.cross_entropy(z, LABELS, CLASS), class_weights=1)
case("smoothing", "cross_entropy", {"LabelSmoothing": 0.1}, lambda z: F.cross_entropy(z, LABELS, CLASS, label_smoothing=0.1), class_weights=1)
case("ignored labels", "cross_entropy", {}, lambda z: F.cross_entropy(z, IGNORED, CLASS, ignore_index=-1), class_weights=1, ignored=1)
case("sum", "cross_entropy", {"Reduction": "sum"}, lambda z: F.cross_entropy(z, LABELS, CLASS, reduction="sum"), class_weights=1)
case("soft labels", "cross_entropy", {"Reduction": "mean"}, lambda z: F.cross_entropy(z, SHARES, CLASS), class_weights=1, shares=1)
case("Keras' class weights and mean", "cross_entropy", {"Reduction": "mean"},
     lambda z: keras.losses.CategoricalCrossentropy(from_logits=True)(hot(LABELS), z, sample_weight=CLASS[LABELS]), class_weights=1)
case("Keras' sample weights", "cross_entropy", {"Reduction": "mean"},
     lambda z: keras.losses.CategoricalCrossentropy(from_logits=True)(hot(LABELS), z, sample_weight=SAMPLE), sample_weights=1)


# focal
def focal(z, gamma, alpha=None):
    logs = F.log_softmax(z, 1)[torch.arange(B), LABELS]
    each = -((1 - logs.exp()) ** gamma) * logs
    return (each * alpha[LABELS] if alpha is not None else each).mean()


def notebook(z, gamma, alpha):
    p = torch.softmax(z, 1).clamp(1e-7, 1 - 1e-7)
    return (alpha * (1 - p) ** gamma * -hot(LABELS) * p.log()).mean(-1).mean()


balanced = torch.tensor([sum(COUNTS) / (K * n) for n in COUNTS], dtype=f64)
case("gamma 2", "focal", {"Alpha": "none"}, lambda z: focal(z, 2))
case("gamma 0.5, alpha", "focal", {"Gamma": 0.5, "Alpha": "given", "Weights": [0.25, 0.5, 1]},
     lambda z: focal(z, 0.5, torch.tensor([0.25, 0.5, 1], dtype=f64)))
case("alpha balanced", "focal", {"Alpha": "balanced"}, lambda z: focal(z, 2, balanced))
case("Keras", "focal", {"Alpha": "given", "Weights": [0.25, 0.5, 1], "Clip": 1e-7},
     lambda z: keras.losses.CategoricalFocalCrossentropy(alpha=[0.25, 0.5, 1], gamma=2, from_logits=True)(hot(LABELS), z))
case("the notebook's", "focal", {"Alpha": "given", "Weights": [0.25, 0.5, 1], "Clip": 1e-7, "ClassReduction": "mean"},
     lambda z: notebook(z, 2, torch.tensor([0.25, 0.5, 1], dtype=f64)))

# class-balanced (Cui et al. 2019): the weights of the authors' code
effective = torch.tensor([(1 - 0.999) / (1 - 0.999**n) for n in COUNTS], dtype=f64)
effective *= K / effective.sum()
case("on cross-entropy", "class_balanced", {}, lambda z: (F.cross_entropy(z, LABELS, reduction="none") * effective[LABELS]).mean())

# asymmetric
case("single label", "asymmetric", {}, lambda z: timm.loss.AsymmetricLossSingleLabel(0, 4, 0.1)(z, LABELS))
case("single label, both focused", "asymmetric", {"GammaPositive": 1, "GammaNegative": 2},
     lambda z: timm.loss.AsymmetricLossSingleLabel(1, 2, 0.1)(z, LABELS))


def multi(z, positive, negative, margin):  # equation 7 of the paper
    y, p = hot(LABELS), torch.sigmoid(z)
    shifted = (p - margin).clamp_min(0)
    return -(y * (1 - p) ** positive * p.log() + (1 - y) * shifted**negative * (1 - shifted).log()).sum(1).mean()


assert abs(multi(LOGITS, 1, 4, 0.05) - timm.loss.AsymmetricLossMultiLabel(4, 1, 0.05)(LOGITS, hot(LABELS))) < 1e-6
case("each class by itself", "asymmetric", {"Activation": "sigmoid", "GammaPositive": 1}, lambda z: multi(z, 1, 4, 0.05))
case("each class by itself, no margin", "asymmetric", {"Activation": "sigmoid", "Margin": 0}, lambda z: multi(z, 0, 4, 0))


# generalized cross-entropy (Zhang and Sabuncu 2018), equation 6
def lq(z, q, weight):
    p = torch.softmax(z, 1)[torch.arange(B), LABELS]
    return (weight * (1 - p**q) / q).sum() / weight.sum()


case("the paper's Q", "generalized_cross_entropy", {}, lambda z: lq(z, 0.7, CLASS[LABELS]), class_weights=1)
case("absolute error", "generalized_cross_entropy", {"Q": 1, "Reduction": "mean"}, lambda z: (hot(LABELS) - torch.softmax(z, 1)).abs().sum(1).mean() / 2)
case("soft labels", "generalized_cross_entropy", {"Q": 0.5, "Reduction": "mean"},
     lambda z: (SHARES * (1 - torch.softmax(z, 1) ** 0.5) / 0.5).sum(1).mean(), shares=1)


# LDAM (Cao et al. 2019), as the authors' code computes it
def ldam(z, largest, scale):
    margins = torch.tensor(COUNTS, dtype=f64) ** -0.25
    margins *= largest / margins.max()
    return F.cross_entropy(scale * (z - hot(LABELS) * margins), LABELS, CLASS)


case("scale 1", "ldam", {}, lambda z: ldam(z, 0.5, 1), class_weights=1)
case("scale 30", "ldam", {"Scale": 30}, lambda z: ldam(z, 0.5, 30), class_weights=1)

# logit adjustment (Menon et al. 2021), as the authors' code computes it
def adjusted(z, tau, target=LABELS, weight=CLASS):
    prior = torch.tensor(COUNTS, dtype=f64) / sum(COUNTS)
    return F.cross_entropy(z + (prior**tau + 1e-12).log(), target, weight)


case("the paper's tau", "logit_adjusted", {}, lambda z: adjusted(z, 1, weight=None))
case("tau 1.5, class weights", "logit_adjusted", {"Tau": 1.5}, lambda z: adjusted(z, 1.5), class_weights=1)
case("soft labels", "logit_adjusted", {"Reduction": "mean"}, lambda z: adjusted(z, 1, SHARES), class_weights=1, shares=1)


# symmetric cross-entropy (Wang et al. 2019), as the code that goes round computes it: labels are limited
def symmetric(z, alpha, beta, least):
    reverse = -(torch.softmax(z, 1) * hot(LABELS).clamp(least, 1).log()).sum(1)
    return (alpha * F.cross_entropy(z, LABELS, reduction="none") + beta * reverse).mean()


case("log 0 as the paper's", "symmetric_cross_entropy", {}, lambda z: symmetric(z, 0.1, 1, math.exp(-4)))
case("labels of 1e-4", "symmetric_cross_entropy", {"Alpha": 6, "Beta": 0.1, "LogZero": math.log(1e-4)}, lambda z: symmetric(z, 6, 0.1, 1e-4))
case("soft labels", "symmetric_cross_entropy", {"Reduction": "mean"},
     lambda z: 0.1 * F.cross_entropy(z, SHARES, CLASS) + (SHARES * CLASS * 4 * (1 - torch.softmax(z, 1))).sum(1).mean(), class_weights=1, shares=1)


# pairs (LibAUC), class after class
def pairs(z, margin, share):
    odds, means = torch.logit(torch.softmax(z, 1)), []
    for k in range(K):
        means.append(PairwiseAUCLoss("squared_hinge", margin)(odds[:, k], (LABELS == k).long()))
    return sum(means) / K + share * F.cross_entropy(z, LABELS)


case("with cross-entropy", "pairwise_auc", {}, lambda z: pairs(z, 1, 1))
case("pairs alone", "pairwise_auc", {"Margin": 2, "CrossEntropy": 0}, lambda z: pairs(z, 2, 0))


def weighed_pairs(z):  # each pair by itself
    odds, sum_, by = torch.logit(torch.softmax(z, 1)), 0, 0
    for k in range(K):
        above = weight = 0
        for i in range(B):
            for j in range(B):
                w = SHARES[i, k] * (1 - SHARES[j, k]) * SAMPLE[i] * SAMPLE[j] * (i != j)
                above, weight = above + w * (1 - odds[i, k] + odds[j, k]).clamp_min(0) ** 2, weight + w
        sum_, by = sum_ + CLASS[k] * above / weight, by + CLASS[k]
    return sum_ / by


case("soft labels and weights", "pairwise_auc", {"CrossEntropy": 0}, weighed_pairs, class_weights=1, sample_weights=1, shares=1)


# distances between grades
def distance_weighted(z, power):  # Polat et al. 2022, case after case
    p, sum_ = torch.softmax(z, 1), 0
    for i in range(B):
        for k in range(K):
            sum_ = sum_ - CLASS[LABELS[i]] * abs(k - LABELS[i].item()) ** power * torch.log(1 - p[i, k])
    return sum_ / CLASS[LABELS].sum()


GRADES = torch.arange(K, dtype=f64)


def softened(power, scale):  # SORD's labels (Diaz and Marathe 2019)
    return torch.softmax(-scale * (GRADES[:, None] - GRADES[None]).abs() ** power, 1)


def moved(z, q, weight):  # Hou et al. 2016
    return (weight * ((torch.softmax(z, 1).cumsum(1) - q.cumsum(1)) ** 2).sum(1)).sum() / weight.sum()


case("power 2", "distance_weighted", {}, lambda z: distance_weighted(z, 2), class_weights=1)
case("power 5", "distance_weighted", {"Power": 5}, lambda z: distance_weighted(z, 5), class_weights=1)
case("power 1", "distance_weighted", {"Power": 1}, lambda z: distance_weighted(z, 1), class_weights=1)
case("squares", "soft_ordinal", {}, lambda z: F.cross_entropy(z, softened(2, 1)[LABELS]))
case("absolute, harder", "soft_ordinal", {"Power": 1, "Scale": 2}, lambda z: F.cross_entropy(z, softened(1, 2)[LABELS]))
case("soft labels", "soft_ordinal", {"Reduction": "mean"}, lambda z: F.cross_entropy(z, SHARES @ softened(2, 1)), shares=1)
case("squared distance", "earth_mover", {}, lambda z: moved(z, hot(LABELS), CLASS[LABELS]), class_weights=1)
case("soft labels", "earth_mover", {}, lambda z: moved(z, SHARES, SHARES @ CLASS), class_weights=1, shares=1)

# ordinal
levels = levels_from_labelbatch(LABELS, K).to(f64)
case("coral", "coral", {}, lambda z: coral_loss(z, levels), ordinal=True)
case("coral, importance", "coral", {"Importance": [1, 3]}, lambda z: coral_loss(z, levels, torch.tensor([1, 3], dtype=f64)), ordinal=True)
case("corn", "corn", {}, lambda z: corn_loss(z, LABELS, K), ordinal=True)


def cumulative(z):
    above = torch.sigmoid(torch.stack([z[:, 0], z[:, 0] - F.softplus(z[:, 1])], 1))
    ends = torch.ones(B, 1, dtype=f64)
    p = torch.cat([ends, above], 1) - torch.cat([above, 0 * ends], 1)
    return F.nll_loss(p.log(), LABELS, CLASS)


case("cumulative", "cumulative", {}, cumulative, ordinal=True, class_weights=1)


# kappa (de la Torre et al. 2018; TensorFlow Addons), row by row
def kappa(z, power):
    p, observed, expected = torch.softmax(z, 1), 0, 0
    for i in range(B):
        for k in range(K):
            observed = observed + abs(k - LABELS[i].item()) ** power * p[i, k]
            for j in range(B):
                expected = expected + abs(k - LABELS[j].item()) ** power * p[i, k] / B
    return torch.log(observed / expected + 1e-6)


case("quadratic", "kappa", {}, lambda z: kappa(z, 2))
case("linear", "kappa", {"Power": 1}, lambda z: kappa(z, 1))


# RSNA 2024's metric, study by study
def rsna(z, any_weight=1, temperature=0):
    p, weight, terms, weights = torch.softmax(z, 1), [1, 2, 4], [], []
    for word in ("spinal", "foraminal", "subarticular"):
        rows = [i for i in range(B) if word in CONDITIONS[i]]
        terms.append(sum(-weight[LABELS[i]] * p[i, LABELS[i]].log() for i in rows) / sum(weight[LABELS[i]] for i in rows))
        weights.append(1)
    above = below = 0
    for study in sorted(set(GROUPS)):
        rows = [i for i in range(B) if "spinal" in CONDITIONS[i] and GROUPS[i] == study]
        if not rows:
            continue
        severe, w = torch.stack([p[i, 2] for i in rows]), max(weight[LABELS[i]] for i in rows)
        one = (severe * torch.softmax(severe / temperature, 0)).sum() if temperature else severe.max()
        above = above - w * (one.log() if any(LABELS[i] == 2 for i in rows) else (1 - one).log())
        below += w
    terms.append(above / below * any_weight)
    weights.append(any_weight)
    return sum(terms) / sum(weights)


case("largest", "rsna_log_loss", {}, rsna, groups=1)
case("weight 2", "rsna_log_loss", {"AnySevereWeight": 2}, lambda z: rsna(z, 2), groups=1)
case("no any-severe term", "rsna_log_loss", {"AnySevereWeight": 0}, lambda z: rsna(z, 0), groups=1)
case("temperature", "rsna_log_loss", {"Temperature": 0.5}, lambda z: rsna(z, 1, 0.5), groups=1)

json.dump({"logits": LOGITS.flatten().tolist(), "ordinal": ORDINAL.flatten().tolist(), "labels": LABELS.tolist(), "ignored": IGNORED.tolist(),
           "shares": SHARES.flatten().tolist(), "class_weights": CLASS.tolist(), "sample_weights": SAMPLE.tolist(), "counts": COUNTS,
           "groups": GROUPS, "conditions": CONDITIONS, "cases": cases}, sys.stdout)

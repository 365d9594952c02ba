"""Writes notebook.json: what Keras' callbacks, class weights and losses make of given
numbers, by the formulas that its documentation and source give (keras 3.8:
callbacks/reduce_lr_on_plateau.py, callbacks/early_stopping.py, losses/loss.py), written
down anew here. The settings are those of the notebook that seed-as-written.yaml repeats.

    python notebook.py > notebook.json
"""
import json
import math
import random

EPOCHS, FACTOR, PATIENCE, MIN_DELTA, STOP = 50, 0.2, 5, 1e-4, 10


def train(losses, rate, min_rate):
    """The rate of each epoch that is trained, and the epoch whose weights are restored."""
    rates, plateau_best, plateau_wait = [], math.inf, 0
    stop_best, stop_wait, best_epoch = math.inf, 0, None
    for epoch, loss in enumerate(losses, 1):
        rates.append(rate)
        # ReduceLROnPlateau(factor=.2, patience=5, min_delta=1e-4): acts at wait >= patience,
        # and what it sets takes effect in the next epoch.
        if loss < plateau_best - MIN_DELTA:
            plateau_best, plateau_wait = loss, 0
        else:
            plateau_wait += 1
            if plateau_wait >= PATIENCE and rate > min_rate:
                rate, plateau_wait = max(rate * FACTOR, min_rate), 0
        # EarlyStopping(patience=10, restore_best_weights=True): min_delta is 0.
        if best_epoch is None:
            best_epoch = epoch
        stop_wait += 1
        if loss < stop_best:
            stop_best, stop_wait, best_epoch = loss, 0, epoch
        if stop_wait >= STOP and epoch > 1:
            break
    return rates, best_epoch


def course(r, noise, fall):
    """Validation losses that fall, then do not; noise decides how they jump."""
    level, out = 1.1, []
    for epoch in range(EPOCHS):
        level -= fall * max(0.0, 1 - epoch / 20)
        out.append(round(level + r.gauss(0, noise), 5))
    return out


def class_weights(counts):
    """sklearn's class_weight="balanced"."""
    return [sum(counts) / (len(counts) * n) for n in counts]


def weighted_loss(probabilities, labels, weights):
    """categorical_crossentropy with class_weight: sum over batch size, not over weights."""
    return sum(-weights[y] * math.log(p[y]) for p, y in zip(probabilities, labels)) / len(labels)


def softmax(z):
    e = [math.exp(v - max(z)) for v in z]
    return [v / sum(e) for v in e]


r = random.Random(7)
cases = []
for noise, fall in [(0.0, 0.01), (0.003, 0.02), (0.01, 0.01), (0.02, 0.004), (0.00005, 0.001), (0.0, 0.0)]:
    losses, second = course(r, noise, fall), course(r, noise, fall / 2)
    head, top = train(losses, 1e-4, 1e-6), train(second, 1e-5, 1e-7)
    cases.append({"losses": [losses, second], "rates": [head[0], top[0]], "best": [head[1], top[1]]})

counts = [28140, 5660, 2157]
labels = [r.choices(range(3), counts)[0] for _ in range(24)] + [0, 1, 2]
logits = [[round(r.gauss(0, 1.5), 3) for _ in range(3)] for _ in labels]
loss = weighted_loss([softmax(z) for z in logits], labels, class_weights(counts))
print(json.dumps({"cases": cases, "counts": counts, "class_weights": class_weights(counts), "logits": logits, "labels": labels, "loss": loss}))

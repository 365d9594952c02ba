"""Writes schedules.json: rates of each schedule by torch.optim.lr_scheduler 2.11,
of Keras' plateau by keras.callbacks 3, of inverse_sqrt by its formula.

    KERAS_BACKEND=torch python schedules.py > schedules.json
"""
import json
import math
import sys
import types

import keras
import torch
from torch.optim import lr_scheduler as L

BASE, EPOCHS, STEPS = 0.4, 12, 5
cases = []


def optimizer():
    return torch.optim.SGD([torch.zeros(1, requires_grad=True)], BASE)


def case(name, schedule, settings, make, per="step", values=None, better="lower"):
    o, rates = optimizer(), []
    s = make(o)
    for epoch in range(EPOCHS):
        for _ in range(STEPS):
            rates.append(o.param_groups[0]["lr"])
            o.step()
            if per == "step":
                s.step()
        if per == "epoch":
            s.step(values[epoch]) if values else s.step()
    cases.append({"name": name, "schedule": schedule, "settings": settings, "values": values or [], "better": better, "want": rates})


def keras_plateau(name, settings, values, better="lower", **keywords):
    callback = keras.callbacks.ReduceLROnPlateau(monitor="m", mode={"lower": "min", "higher": "max"}[better], **keywords)
    model = types.SimpleNamespace(optimizer=types.SimpleNamespace(learning_rate=BASE))
    callback.set_model(model)
    callback.on_train_begin()
    rates = []
    for epoch in range(EPOCHS):
        rates += [float(model.optimizer.learning_rate)] * STEPS
        callback.on_epoch_end(epoch, {"m": values[epoch]})
    cases.append({"name": name, "schedule": "plateau_keras", "settings": settings, "values": values, "better": better, "want": rates})


def warm(steps, start, then):
    return lambda o: L.SequentialLR(o, [L.LinearLR(o, start, 1.0, steps), then(o)], [steps])


TOTAL = EPOCHS * STEPS
case("plain", "constant", {}, lambda o: L.ConstantLR(o, 1.0, 1))
case("warm-up", "constant", {"Warmup": 2, "WarmupStart": 0.1}, warm(10, 0.1, lambda o: L.ConstantLR(o, 1.0, 1)))
case("every 5", "step", {"Every": 5, "Factor": 0.5}, lambda o: L.StepLR(o, 5, 0.5), "epoch")
case("at 3 and 9", "step", {"At": [3, 9]}, lambda o: L.MultiStepLR(o, [3, 9], 0.1), "epoch")
case("per epoch", "exponential", {}, lambda o: L.ExponentialLR(o, 0.95), "epoch")
case("per step", "exponential", {"Factor": 0.5, "Per": "step"}, lambda o: L.ExponentialLR(o, 0.5 ** (1 / STEPS)))
case("per step", "cosine", {"MinRate": 0.01}, lambda o: L.CosineAnnealingLR(o, TOTAL, 0.01))
case("per epoch", "cosine", {"Per": "epoch"}, lambda o: L.CosineAnnealingLR(o, EPOCHS), "epoch")
case("warm-up", "cosine", {"Warmup": 2, "WarmupStart": 0.01}, warm(10, 0.01, lambda o: L.CosineAnnealingLR(o, TOTAL - 10)))
case("4 cycles", "cosine", {"Cycles": 4}, lambda o: L.CosineAnnealingWarmRestarts(o, TOTAL // 4))
case("2 growing cycles", "cosine", {"Cycles": 2, "Growth": 2, "MinRate": 0.02}, lambda o: L.CosineAnnealingWarmRestarts(o, TOTAL // 3, 2, 0.02))
case("plain", "linear", {}, lambda o: L.LinearLR(o, 1.0, 0.0, TOTAL))
case("to a tenth", "linear", {"MinRate": 0.04, "Per": "epoch"}, lambda o: L.LinearLR(o, 1.0, 0.1, EPOCHS), "epoch")
case("power 0.9", "polynomial", {}, lambda o: L.PolynomialLR(o, TOTAL, 0.9))
case("power 2, warm-up", "polynomial", {"Power": 2, "Warmup": 1}, warm(5, 0.01, lambda o: L.PolynomialLR(o, TOTAL - 5, 2)))
case("timescale", "inverse_sqrt", {"Timescale": 2}, lambda o: L.LambdaLR(o, lambda t: 1 / math.sqrt((t + 10) / 10)))
case("warm-up", "inverse_sqrt", {"Timescale": 0, "Warmup": 2, "WarmupStart": 0},
     lambda o: L.LambdaLR(o, lambda t: t / 10 if t < 10 else 1 / math.sqrt((t - 10 + 10) / 10)))
case("plain", "one_cycle", {}, lambda o: L.OneCycleLR(o, BASE, TOTAL, cycle_momentum=False))
case("linear, two falls", "one_cycle", {"Curve": "linear", "Fall": "two", "Start": 10, "End": 100},
     lambda o: L.OneCycleLR(o, BASE, TOTAL, cycle_momentum=False, anneal_strategy="linear", three_phase=True, div_factor=10, final_div_factor=100))


def cyclic(mode, rise, fall, **other):
    return lambda o: L.CyclicLR(o, 0.02, BASE, rise, fall, mode, cycle_momentum=False, **other)


case("triangles", "cyclic", {"MinRate": 0.02}, cyclic("triangular", 10, 10))
case("halved, falling slowly", "cyclic", {"MinRate": 0.02, "Rise": 1, "Fall": 3, "Shrink": "halve"}, cyclic("triangular2", 5, 15))
case("decaying", "cyclic", {"MinRate": 0.02, "Decay": 0.8}, cyclic("exp_range", 10, 10, gamma=0.8 ** (1 / STEPS)))

FALL = [1, 0.95, 0.91, 0.85, 0.8, 0.8, 0.8, 0.8, 0.79999, 0.8, 0.8, 0.8]
RISE = [0.5, 0.6, 0.6, 0.6, 0.55, 0.7, 0.70001, 0.7, 0.7, 0.7, 0.7, 0.7]
keras_plateau("plain", {"Patience": 2}, FALL, patience=2)
keras_plateau("large delta, floor", {"Patience": 2, "Factor": 0.5, "MinDelta": 0.1, "MinRate": 0.15}, FALL, patience=2, factor=0.5, min_delta=0.1, min_lr=0.15)
keras_plateau("cooldown", {"Patience": 1, "Factor": 0.5, "Cooldown": 2}, FALL, patience=1, factor=0.5, cooldown=2)
keras_plateau("higher is better", {"Patience": 2, "Factor": 0.5}, RISE, "higher", patience=2, factor=0.5)
case("plain", "plateau_pytorch", {"Patience": 2}, lambda o: L.ReduceLROnPlateau(o, patience=2), "epoch", FALL)
case("absolute, floor", "plateau_pytorch", {"Patience": 1, "Factor": 0.5, "Threshold": 0.1, "ThresholdMode": "absolute", "MinRate": 0.15},
     lambda o: L.ReduceLROnPlateau(o, patience=1, factor=0.5, threshold=0.1, threshold_mode="abs", min_lr=0.15), "epoch", FALL)
case("cooldown", "plateau_pytorch", {"Patience": 0, "Factor": 0.5, "Cooldown": 2, "Threshold": 0.05},
     lambda o: L.ReduceLROnPlateau(o, patience=0, factor=0.5, cooldown=2, threshold=0.05), "epoch", FALL)
case("higher is better", "plateau_pytorch", {"Patience": 1, "Factor": 0.5},
     lambda o: L.ReduceLROnPlateau(o, mode="max", patience=1, factor=0.5), "epoch", RISE, "higher")

json.dump({"base": BASE, "epochs": EPOCHS, "steps": STEPS, "cases": cases}, sys.stdout)

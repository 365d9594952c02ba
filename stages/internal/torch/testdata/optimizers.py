"""Writes optimizers.json: 20 steps of each optimizer in float64, by torch.optim
2.11, timm 1.0 (Lion, Lamb), schedulefree 1.4 (at x, where it is evaluated) and Keras 3 (its Adam); Lookahead after algorithm 1 of its
paper (Zhang et al. 2019), around torch.optim.

    KERAS_BACKEND=torch python optimizers.py > optimizers.json
"""
import json
import math

import keras
import torch
from schedulefree import AdamWScheduleFree
from timm.optim import Lamb, Lion

keras.config.set_floatx("float64")
STEPS, RATE = 20, 0.1
START = [1.0, -2.0, 0.5, 3.0]
# Gradients that change sign and size, exact in float32.
GRADS = [[round(256 * math.sin(0.7 * t + 1.3 * i) * (1 + i)) / 256 for i in range(4)] for t in range(STEPS)]


def run(make, lookahead=None):
    w = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    o, slow = make([w]), w.detach().clone()
    free = isinstance(o, AdamWScheduleFree)
    if free:
        o.train()
    for t, g in enumerate(GRADS, 1):
        w.grad = torch.tensor(g, dtype=torch.float64)
        o.step()
        if lookahead and t % lookahead[0] == 0:
            with torch.no_grad():
                slow += lookahead[1] * (w - slow)
                w.copy_(slow)
    if free:
        o.eval()
    return w.tolist()


def run_keras(o):
    w = keras.Variable(START, dtype="float64")
    o.build([w])
    for g in GRADS:
        o.apply([keras.ops.convert_to_tensor(g, dtype="float64")])
    return w.numpy().tolist()


T = torch.optim
ADAM = {"Kind": "adam", "Beta1": 0.9, "Beta2": 0.999, "Eps": 1e-8}
ADAMW = dict(ADAM, Kind="adamw")
RADAM = dict(ADAM, Kind="radam")
RMS = {"Kind": "rmsprop", "Beta2": 0.99, "Eps": 1e-8}
NADAM = dict(ADAM, Kind="nadam", MomentumDecay=4e-3)
LAMB = dict(ADAM, Kind="lamb", Eps=1e-6)
FREE = dict(ADAM, Kind="schedule_free")
LION = {"Kind": "lion", "Beta1": 0.9, "Beta2": 0.99}
cases = [
    ("adam", ADAM, 0, run(lambda p: T.Adam(p, RATE))),
    ("adam, decay", ADAM, 0.1, run(lambda p: T.Adam(p, RATE, weight_decay=0.1))),
    ("adam, Keras' eps", dict(ADAM, Eps=1e-2, EpsBeforeCorrection=True), 0, run_keras(keras.optimizers.Adam(RATE, epsilon=1e-2))),
    ("adamw", ADAMW, 0.1, run(lambda p: T.AdamW(p, RATE, weight_decay=0.1))),
    ("sgd", {"Kind": "sgd"}, 0, run(lambda p: T.SGD(p, RATE))),
    ("sgd, momentum, dampening, decay", {"Kind": "sgd", "Momentum": 0.9, "Dampening": 0.5}, 0.1,
     run(lambda p: T.SGD(p, RATE, momentum=0.9, dampening=0.5, weight_decay=0.1))),
    ("sgd, nesterov", {"Kind": "sgd", "Momentum": 0.9, "Nesterov": True}, 0.01,
     run(lambda p: T.SGD(p, RATE, momentum=0.9, nesterov=True, weight_decay=0.01))),
    ("rmsprop", RMS, 0.1, run(lambda p: T.RMSprop(p, RATE, alpha=0.99, weight_decay=0.1))),
    ("rmsprop, momentum", dict(RMS, Momentum=0.9), 0, run(lambda p: T.RMSprop(p, RATE, alpha=0.99, momentum=0.9))),
    ("rmsprop, centered, momentum", dict(RMS, Momentum=0.9, Centered=True, Eps=1e-3), 0,
     run(lambda p: T.RMSprop(p, RATE, alpha=0.99, momentum=0.9, centered=True, eps=1e-3))),
    ("radam", RADAM, 0, run(lambda p: T.RAdam(p, RATE))),
    ("radam, decay", RADAM, 0.1, run(lambda p: T.RAdam(p, RATE, weight_decay=0.1))),
    ("lion", LION, 0.1, run(lambda p: Lion(p, RATE, weight_decay=0.1))),
    ("nadam", NADAM, 0, run(lambda p: T.NAdam(p, RATE))),
    ("nadam, decay", dict(NADAM, MomentumDecay=0.5), 0.1, run(lambda p: T.NAdam(p, RATE, weight_decay=0.1, momentum_decay=0.5))),
    ("nadam, decoupled decay", dict(NADAM, Decoupled=True), 0.1, run(lambda p: T.NAdam(p, RATE, weight_decay=0.1, decoupled_weight_decay=True))),
    ("lamb", LAMB, 0.1, run(lambda p: Lamb(p, RATE, weight_decay=0.1, max_grad_norm=None))),
    ("lamb, no decay", LAMB, 0, run(lambda p: Lamb(p, RATE, weight_decay=0, max_grad_norm=None))),
    ("lamb, no decay, adapted", dict(LAMB, AlwaysAdapt=True), 0, run(lambda p: Lamb(p, RATE, weight_decay=0, max_grad_norm=None, always_adapt=True))),
    ("schedule_free", FREE, 0, run(lambda p: AdamWScheduleFree(p, RATE))),
    ("schedule_free, decay", dict(FREE, Beta1=0.95), 0.1, run(lambda p: AdamWScheduleFree(p, RATE, betas=(0.95, 0.999), weight_decay=0.1))),
    ("lookahead on adam", dict(ADAM, Lookahead={"Every": 6, "Share": 0.5}), 0, run(lambda p: T.Adam(p, RATE), (6, 0.5))),
    ("lookahead on sgd", {"Kind": "sgd", "Momentum": 0.9, "Lookahead": {"Every": 5, "Share": 0.8}}, 0,
     run(lambda p: T.SGD(p, RATE, momentum=0.9), (5, 0.8))),
]
json.dump({"rate": RATE, "start": START, "grads": GRADS,
           "cases": [dict(name=n, rule=r, decay=d, want=w) for n, r, d, w in cases]}, __import__("sys").stdout, indent=1)

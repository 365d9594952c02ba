"""Optuna's samplers on the three functions of sweeps/regret_test.go: the median
over the seeds of what the best trial lacks to the least value, and the quartiles.

    python optuna_search.py 20
"""
import math
import sys
import warnings

import numpy as np
import optuna

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore")


def branin(t):
    x, y = t.suggest_float("x", -5, 10), t.suggest_float("y", 0, 15)
    a = y - 5.1 / (4 * math.pi**2) * x * x + 5 / math.pi * x - 6
    return a * a + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


ALPHA = np.array([1, 1.2, 3, 3.2])
A = np.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14], [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
P = 1e-4 * np.array([[1312, 1696, 5569, 124, 8283, 5886], [2329, 4135, 8307, 3736, 1004, 9991], [2348, 1451, 3522, 2883, 3047, 6650], [4047, 8828, 8732, 5743, 1091, 381]])


def hartmann6(t):
    x = np.array([t.suggest_float(n, 0, 1) for n in "abcdef"])
    return -float(ALPHA @ np.exp(-np.sum(A * (x - P) ** 2, axis=1)))


def mixed(t):
    v = {"w": 0.5, "x": 0, "y": 0.3, "z": 0.8}[t.suggest_categorical("kind", list("wxyz"))]
    v += 0.2 * abs(t.suggest_int("layers", 1, 8) - 3)
    if t.suggest_categorical("opt", ["adam", "sgd"]) == "adam":
        return v + 0.3 + (math.log10(t.suggest_float("adam.rate", 1e-5, 1e-1, log=True)) + 3) ** 2
    v += (math.log10(t.suggest_float("sgd.rate", 1e-4, 1, log=True)) + 1) ** 2
    return v + 4 * (t.suggest_float("sgd.momentum", 0, 0.99) - 0.9) ** 2


SAMPLERS = {
    "random": lambda s: optuna.samplers.RandomSampler(seed=s),
    "tpe": lambda s: optuna.samplers.TPESampler(seed=s),
    "tpe multivariate group": lambda s: optuna.samplers.TPESampler(seed=s, multivariate=True, group=True),
    "cma_es": lambda s: optuna.samplers.CmaEsSampler(seed=s),
}
PROBLEMS = [("branin", branin, 0.39788735772973816, 60), ("hartmann6", hartmann6, -3.322368011391339, 100), ("mixed", mixed, 0.0, 80)]

if __name__ == "__main__":
    for name, function, least, trials in PROBLEMS:
        for sampler, make in SAMPLERS.items():
            regrets = []
            for seed in range(int(sys.argv[1])):
                study = optuna.create_study(sampler=make(seed))
                study.optimize(function, n_trials=trials)
                regrets.append(study.best_value - least)
            q = np.percentile(regrets, [50, 25, 75])
            print(f"{name},{trials},optuna {optuna.__version__} {sampler},{q[0]:.4g},{q[1]:.4g},{q[2]:.4g}", flush=True)

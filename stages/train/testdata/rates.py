"""What fastai 2.8 makes of losses of a learning-rate range test: its smoothed losses, and the
rates that its lr_find proposes. Its functions are taken from its source, since importing the
package needs all that it is made of."""

import ast
import importlib.util
import json
import math
import random

import torch

source = open(importlib.util.find_spec("fastai").submodule_search_locations[0] + "/callback/schedule.py").read()
wanted = [f for f in ast.parse(source).body if isinstance(f, ast.FunctionDef) and f.name in ("valley", "steep", "minimum")]
found = {}
exec(compile(ast.Module(wanted, []), "schedule.py", "exec"), found)


def smoothed(losses, beta=0.98):
    """AvgSmoothLoss of fastai/learner.py."""
    value, out = torch.tensor(0.0, dtype=torch.float64), []
    for count, loss in enumerate(losses, 1):
        value = torch.lerp(torch.tensor(loss, dtype=torch.float64), value, beta)
        out.append((value / (1 - beta**count)).item())
    return out


random.seed(1)
cases = []
for steps, wobble in [(100, 0.0), (100, 0.05), (60, 0.3), (25, 0.1)]:
    rates = [1e-7 * 1e8 ** (i / (steps - 1)) for i in range(steps)]
    losses = []
    for rate in rates:
        x = math.log10(rate)
        losses.append(round(1.1 - 0.7 / (1 + math.exp(-2 * (x + 3))) + math.exp(4 * (x + 0.5)) + wobble * random.gauss(0, 1), 6))
    smooth = smoothed(losses)
    lrs, values = torch.tensor(rates[steps // 10 : -5], dtype=torch.float64), torch.tensor(smooth[steps // 10 : -5], dtype=torch.float64)
    advice = {name: found[name](lrs, values, steps)[0] for name in ("valley", "steep", "minimum")}
    cases.append({"rates": rates, "losses": losses, "smooth": smooth, **advice})
json.dump(cases, open("rates.json", "w"), indent=0)

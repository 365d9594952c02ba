"""Sums up what trace.cpp wrote: how busy the GPU was, and with what.

Usage: profile_trace.py FILE
"""
import json
import re
import sys

import numpy as np

RECORD = np.dtype([("begin", "<u8"), ("end", "<u8"), ("kind", "<u4"), ("name", "<u4")])

# The first that matches a kernel's name counts.
KINDS = [
    ("optimizer", r"multi_tensor_apply|FusedAdam|fused_adam"),
    ("batch-norm", r"batch_?norm|bn_fw|bn_bw|BatchNorm"),
    ("layout", r"nchwToNhwc|nhwcToNchw|transpose"),
    ("convolutions and products", r"conv|gemm|xmma|cutlass|cudnn|wgrad|dgrad|fprop|sm90_|sm80_|splitK|nvjet"),
    ("pooling", r"pool"),
    ("augmentation and gathering", r"grid_sampl|index|gather|affine_grid"),
    ("elementwise", r"elementwise|vectorized|triton"),
    ("sums", r"reduce"),
]


def kind(name):
    return next((k for k, pattern in KINDS if re.search(pattern, name, re.I)), "other")


def union(begin, end):
    """Nanoseconds that any of the intervals, sorted by their begin, covers."""
    latest = np.maximum.accumulate(end)
    start = np.maximum(begin, np.concatenate([[begin[0]], latest[:-1]]))
    return int(np.clip(end - start.astype(np.int64), 0, None).sum())


def steady(records, names):
    """The longest stretch in which weights are updated again and again, without its
    first tenth: neither starting nor validation."""
    marks = records["begin"][np.isin(records["name"], [i for i, n in enumerate(names) if kind(n) == "optimizer"])]
    if len(marks) < 2:
        return records
    cuts = np.flatnonzero(np.diff(marks.astype(np.int64)) > 200e6)
    edges = np.concatenate([[0], cuts + 1, [len(marks)]])
    longest = max(zip(edges[:-1], edges[1:]), key=lambda e: marks[e[1] - 1] - marks[e[0]])
    first, last = int(marks[longest[0]]), int(marks[longest[1] - 1])
    first += (last - first) // 10
    return records[(records["begin"] >= first) & (records["begin"] < last)]


def summary(file):
    records = np.sort(np.fromfile(file, RECORD), order="begin")
    with open(file + ".names") as f:
        names = f.read().splitlines()
    if len(records) == 0:
        return {"error": "the trace is empty"}
    part = steady(records, names)
    length = int(part["end"].max() - part["begin"].min())
    spent, by_name = {}, {}
    for i in np.unique(part["name"]):
        chosen = part[part["name"] == i]
        time = int((chosen["end"] - chosen["begin"]).sum())
        label = {1: "copies", 2: "fills"}.get(int(chosen["kind"][0])) or kind(names[i])
        spent[label] = spent.get(label, 0) + time
        by_name[names[i]] = (time, len(chosen))
    share = lambda t: round(t / length, 4)
    return {
        "seconds": round(length / 1e9, 3), "busy_share": share(union(part["begin"].astype(np.int64), part["end"].astype(np.int64))), "kernels": len(part),
        "share_by_kind": {k: share(t) for k, t in sorted(spent.items(), key=lambda e: -e[1])},
        "longest": [{"name": n[:120], "share": share(t), "calls": c} for n, (t, c) in sorted(by_name.items(), key=lambda e: -e[1][0])[:12]],
    }


if __name__ == "__main__":
    print(json.dumps(summary(sys.argv[1]), indent=1))

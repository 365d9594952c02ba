"""Writes standardised.json: standardised differences of numbers and of shares, by Python's tableone.

    pip install tableone pandas numpy && python standardised.py
"""

import json
import pathlib

import numpy as np
import pandas as pd
import tableone

rng = np.random.default_rng(5)
cases = []


def add(column, split, categorical):
    frame = pd.DataFrame({"x": column, "split": split})
    table = tableone.TableOne(frame, columns=["x"], categorical=["x"] if categorical else [], groupby="split", smd=True, pval=False)
    smd = table.smd_table.iloc[0, 0]
    cases.append({"categorical": categorical, "values": [str(v) for v in column], "split": [str(s) for s in split], "want": abs(float(smd))})


for n in [40, 300]:
    split = rng.choice(["test", "train"], n, p=[0.3, 0.7])
    add((rng.normal(55, 12, n) + 4 * (split == "test")).round(2), split, False)
    add(np.where(rng.random(n) < 0.4 + 0.2 * (split == "test"), "F", "M"), split, True)
    add(rng.choice(["GE", "Philips", "Siemens", "Canon"], n), split, True)
text = json.dumps({"made_by": f"tableone {tableone.__version__}", "cases": cases})
pathlib.Path(__file__).with_name("standardised.json").write_text(text + "\n")

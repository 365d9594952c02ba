"""Writes spacing.json: how far labelled levels lie apart, by NumPy, nibabel and SciPy.

    pip install numpy scipy nibabel
    python spacing.py

Places in the patient are those of DICOM's affine (PS3.3, C.7.6.2.1.1), which nibabel applies, their
distances SciPy's, and the spacing NumPy's median.
"""

import json

import numpy as np
from nibabel.affines import apply_affine
from scipy.spatial.distance import euclidean

rng = np.random.default_rng(5)
LEVELS = ["l1_l2", "l2_l3", "l3_l4", "l4_l5", "l5_s1"]
studies = []


def affine(image):
    """Columns and rows of an image to millimetres."""
    across, down = np.array(image["orientation"][:3]), np.array(image["orientation"][3:])
    out = np.eye(4)
    out[:3, 0], out[:3, 1] = across * image["spacing"][1], down * image["spacing"][0]
    out[:3, 3] = image["position"]
    return out


def turned(angle, plane):
    """Directions of rows and columns of a plane, turned about the patient's left-right axis."""
    c, s = np.cos(angle), np.sin(angle)
    turn = np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    rows = {"sagittal": ([0, 1, 0], [0, 0, -1]), "axial": ([1, 0, 0], [0, 1, 0])}[plane]
    return [float(v) for row in rows for v in turn @ np.array(row)]


def study(name, kind, images, points, want, levels=LEVELS):
    """points: (condition, level, image, x, y); want gives the lengths by the conditions."""
    studies.append(dict(name=name, type=kind, images=images, levels=levels,
                        points=[dict(condition=c, level=l, image=i, x=x, y=y) for c, l, i, x, y in points], want=want))


def distances(images, points, levels=LEVELS):
    """Of neighbouring levels of each condition."""
    out = {}
    for condition in sorted({p[0] for p in points}):
        at = {p[1]: apply_affine(affine(images[p[2]]), [p[3], p[4], 0]) for p in points if p[0] == condition}
        out[condition] = [euclidean(at[a], at[b]) for a, b in zip(levels, levels[1:]) if a in at and b in at]
    return out


def median(values):
    return dict(length=float(np.median(values)), millimetres=True)


def slices(n, plane, spacing, angle, gap):
    orientation = turned(angle, plane)
    normal = np.cross(orientation[:3], orientation[3:])
    first = rng.uniform(-50, 50, 3)
    return {f"{i}.dcm": dict(rows=64, columns=64, spacing=spacing, orientation=orientation, position=[float(v) for v in first + i * gap * normal]) for i in range(n)}


def spine(condition, levels, files):
    return [(condition, l, files[i % len(files)], round(float(rng.uniform(20, 30)), 3), round(10 + 9 * LEVELS.index(l) + float(rng.uniform(-2, 2)), 3)) for i, l in enumerate(levels)]


# Sagittal slices that lie oblique, whose pixels are no squares; points on neighbouring slices.
images = slices(3, "sagittal", [0.7, 0.5], 0.2, 4.5)
points = spine("canal", LEVELS, ["1.dcm"]) + spine("left", LEVELS, ["0.dcm", "1.dcm"])
study("sagittal", "Sagittal T2/STIR", images, points, {c: median(d) for c, d in distances(images, points).items()})

# Four levels have three distances, three two; a missing one in between leaves no distance across it.
points = spine("canal", LEVELS[:4], ["1.dcm"]) + spine("left", LEVELS[2:], ["0.dcm"]) + spine("right", ["l1_l2", "l3_l4", "l4_l5"], ["2.dcm"])
study("levels missing", "Sagittal T1", images, points, {c: median(d) for c, d in distances(images, points).items()})

# One level alone of a condition: the distances of all others of the series.
points = spine("canal", LEVELS, ["1.dcm"]) + spine("left", LEVELS, ["0.dcm"]) + spine("right", ["l3_l4"], ["2.dcm"])
found = distances(images, points)
study("one alone", "Sagittal T1", images, points, {"canal": median(found["canal"]), "left": median(found["left"]), "right": median(found["canal"] + found["left"])})

# Axial slices show each level on slices of its own.
images = slices(15, "axial", [0.45, 0.45], 0.1, -4.5)
points = [("left", l, f"{3 * i + 1}.dcm", float(30 + i), 31.5) for i, l in enumerate(LEVELS)]
study("axial", "Axial T2", images, points, {"left": median(distances(images, points)["left"])})

# Pictures: within the image, in pixels; of axial ones nothing is known.
blank = {"a.png": dict(rows=64, columns=64)}
names = ["L1/L2", "L2/L3", "L10", "L3/L4"]  # by name, in which numbers count: L1, L2, L3, L10
points = [("", "L1/L2", "a.png", 10.0, 5.0), ("", "L2/L3", "a.png", 13.0, 9.0), ("", "L3/L4", "a.png", 13.0, 15.0), ("", "L10", "a.png", 13.0, 22.0)]
study("pictures", "", blank, points, {"": dict(length=float(np.median([euclidean([10, 5], [13, 9]), 6, 7])), millimetres=False)}, names)
points = [("left", l, "a.png", 10.0, 5.0 + i) for i, l in enumerate(LEVELS)]
study("axial pictures", "Axial T2", blank, points, {"left": dict(length=0, millimetres=False)})

# One level alone, and points that lie on each other.
images = slices(1, "sagittal", [0.5, 0.5], 0, 4)
study("nothing known", "Sagittal T1", images, [("canal", "l3_l4", "0.dcm", 10.0, 10.0)], {"canal": dict(length=0, millimetres=False)})
study("no distance", "Sagittal T1", images, [("canal", l, "0.dcm", 10.0, 10.0) for l in LEVELS[:2]], {"canal": dict(length=0, millimetres=False)})

with open("spacing.json", "w") as f:
    json.dump(studies, f, indent=1)
    f.write("\n")

"""Writes small volumes with nibabel, and what of them should be seen: each slice along each
dimension, the third first, turned by its axis codes so that the patient's right, or the front of a sagittal
slice, is on the left and the front, or the head, on top; and where its corners lie, in
DICOM's coordinates."""

import gzip
import json

import nibabel as nib
import numpy as np

rng = np.random.default_rng(1)
AXES = {"R": (0, -1), "L": (0, 1), "A": (1, -1), "P": (1, 1), "I": (2, -1), "S": (2, 1)}  # DICOM's: to left, back, head


def wanted(volume, affine):
    index = np.stack(np.meshgrid(*[np.arange(n) for n in volume.shape], indexing="ij"), -1)
    codes = [AXES[c] for c in nib.aff2axcodes(affine)]
    across, down = (0, 1) if codes[0][0] < codes[1][0] else (1, 0)
    slices, corners = [], []
    for k in range(volume.shape[2]):
        plane, places = volume[:, :, k], index[:, :, k]
        if across == 0:  # rows first
            plane, places = plane.T, places.transpose(1, 0, 2)
        if codes[across][1] < 0:
            plane, places = plane[:, ::-1], places[:, ::-1]
        if (codes[down][1] > 0) == (codes[down][0] == 2):
            plane, places = plane[::-1], places[::-1]
        slices.append(plane.tolist())
        world = nib.affines.apply_affine(affine, places[[0, 0, -1], [0, -1, 0]])
        corners.append((world * [-1, -1, 1]).round(9).tolist())
    return slices, corners


def oblique(codes, zooms, origin):
    base = nib.orientations.inv_ornt_aff(nib.orientations.axcodes2ornt(codes), (1, 1, 1))[:3, :3]
    turn = np.eye(3)
    c, s = np.cos(0.2), np.sin(0.2)
    turn = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1]]) @ np.array([[1, 0, 0], [0, c, -s], [0, s, c]])
    affine = np.eye(4)
    affine[:3, :3] = turn @ base @ np.diag(zooms)
    affine[:3, 3] = origin
    return affine


cases = []


def add(name, codes, dtype, make=nib.Nifti1Image, slope=None, zipped=False, swap=False, form="sform"):
    shape = (3, 4, 2)
    stored = rng.integers(0, 100, shape).astype(dtype)
    if np.issubdtype(dtype, np.floating):
        stored += np.asarray(0.25, dtype)
    affine = oblique(codes, (0.8, 1.5, 4), (-10, 20, 30))
    image = make(stored, affine)
    image.set_qform(affine, code=1 if form == "qform" else 0)
    image.set_sform(affine, code=1 if form == "sform" else 0)
    if slope:
        image.header.set_slope_inter(*slope)
        image = make(stored * slope[0] + slope[1], affine, image.header)
        image.header.set_data_dtype(dtype)
    if swap:
        image = make(np.asarray(image.dataobj), image.affine, image.header.as_byteswapped(">"))
    path = name + (".nii.gz" if zipped else ".nii")
    nib.save(image, path)
    if zipped:  # without the time, so that it is the same each time
        content = gzip.open(path).read()
        open(path, "wb").write(gzip.compress(content, mtime=0))
    read = nib.load(path)
    slices, corners, planes = [], [], {}
    for through in (2, 1, 0):
        order = [k for k in range(3) if k != through] + [through]
        more, places = wanted(read.get_fdata().transpose(order), read.affine[:, order + [3]])
        plane = {"R": "sagittal", "A": "coronal", "S": "axial"}[nib.aff2axcodes(read.affine)[through].translate(str.maketrans("LPI", "RAS"))]
        planes[plane] = [len(slices) + 1, len(more)]
        slices, corners = slices + more, corners + places
    cases.append({"file": path, "spacing": [round(float(z), 5) for z in read.header.get_zooms()], "along": read.shape[2], "planes": planes, "slices": slices, "corners": corners})


add("axial_ras", "RAS", np.int16)
add("axial_lps", "LPS", np.uint8, zipped=True)
add("axial_als", "ALS", np.float32, form="qform")
add("sagittal", "PIR", np.int16, slope=(0.5, -3))
add("sagittal_turned", "SAL", np.uint16, swap=True)
add("coronal", "LSA", np.float64, make=nib.Nifti2Image)
add("coronal_q", "RIP", np.int32, form="qform", zipped=True)
add("coronal_q2", "RSP", np.uint8, make=nib.Nifti2Image, form="qform", slope=(2, 1), zipped=True)
json.dump(cases, open("volumes.json", "w"), indent=0)

#!/usr/bin/env python3
"""Makes the small DICOM files of shown/, and shown.json: what pydicom's apply_voi_lut shows of
them from 0 to 1, white for the largest value everywhere. Run it in an environment with
pydicom 3 and numpy 2:

    python make_shown.py
"""

import json
from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.filereader import dcmread
from pydicom.pixels import apply_modality_lut, apply_voi_lut
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

HERE = Path(__file__).parent / "shown"
ROWS, COLUMNS = 5, 7


def base(name, syntax=ExplicitVRLittleEndian, photometric="MONOCHROME2", signed=False, slope=None, intercept=None):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = "1.2.840.10008.5.1.4.1.1.1.2", "2.25.1"
    meta.TransferSyntaxUID, meta.ImplementationClassUID = syntax, "2.25.2"
    ds = FileDataset(str(HERE / name), {}, file_meta=meta, preamble=b"\0" * 128,
                     is_implicit_VR=syntax.is_implicit_VR, is_little_endian=True)
    ds.SOPClassUID, ds.SOPInstanceUID, ds.Modality, ds.PatientID = meta.MediaStorageSOPClassUID, "2.25.1", "MG", "p-1"
    ds.SamplesPerPixel, ds.PhotometricInterpretation, ds.Rows, ds.Columns = 1, photometric, ROWS, COLUMNS
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, int(signed)
    if slope is not None:
        ds.RescaleSlope, ds.RescaleIntercept = slope, intercept
    low, high = (-2048, 2047) if signed else (0, 4095)
    values = np.random.default_rng(len(name)).integers(low, high, (ROWS, COLUMNS), endpoint=True)
    values[0, :3] = low, high, (low + high) // 2
    ds.PixelData = values.astype("<i2").tobytes()
    return ds


def table(ds, first, bits, n, vr):
    item = Dataset()
    item.add_new("LUTDescriptor", vr, [n, first, bits])
    entries = ((1 << bits) - 1) * np.linspace(0, 1, n) ** 2
    item.add_new("LUTData", "OW", np.round(entries).astype("<u2").tobytes())
    ds.VOILUTSequence = Sequence([item])


def shown(ds):
    values = apply_modality_lut(ds.pixel_array, ds)
    if "VOILUTSequence" in ds and "WindowWidth" not in ds:
        y = apply_voi_lut(values.astype(np.int32), ds) / ((1 << ds.VOILUTSequence[0].LUTDescriptor[2]) - 1)
    else:
        # It scales to the range of the stored bits.
        y = apply_voi_lut(values.astype(np.float64), ds, prefer_lut=False)
        low, high = (-2048, 2047) if ds.PixelRepresentation else (0, 4095)
        ends = sorted(float(v) * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0)) for v in (low, high))
        y = (y - ends[0]) / (ends[1] - ends[0])
    return 1 - y if ds.PhotometricInterpretation == "MONOCHROME1" else y


def main():
    HERE.mkdir(exist_ok=True)
    all_, want = [], {}
    for photometric in ("MONOCHROME2", "MONOCHROME1"):
        for function in ("LINEAR", "LINEAR_EXACT", "SIGMOID", None):
            ds = base(f"{photometric}-{function}.dcm".lower(), photometric=photometric, slope="0.5", intercept="-20")
            ds.WindowCenter, ds.WindowWidth = [700, 900], [600, 41]
            if function:
                ds.VOILUTFunction = function
            all_.append(ds)
        ds = base(f"{photometric}-table.dcm".lower(), photometric=photometric)
        table(ds, 500, 10, 3001, "US")
        all_.append(ds)
        ds = base(f"{photometric}-table-signed.dcm".lower(), ImplicitVRLittleEndian, photometric, signed=True)
        table(ds, -1500, 12, 2500, "SS")
        all_.append(ds)
    for ds in all_:
        ds.save_as(ds.filename, enforce_file_format=True)
        want[Path(ds.filename).name] = [round(float(v), 7) for v in shown(dcmread(ds.filename)).ravel()]
    (HERE.parent / "shown.json").write_text(json.dumps(want).replace('], "', '],\n"') + "\n")

    # How large pixels are; and what means nothing.
    ds = base("detector.dcm")
    ds.ImagerPixelSpacing, ds.EstimatedRadiographicMagnificationFactor = ["0.1", "0.2"], "1.25"
    ds.save_as(ds.filename, enforce_file_format=True)
    ds = base("film.dcm")
    ds.PixelSpacing, ds.NominalScannedPixelSpacing = ["0", "0"], ["0.05", "0.05"]
    ds.save_as(ds.filename, enforce_file_format=True)
    ds = base("nothing.dcm")
    ds.PixelSpacing, ds.WindowWidth = ["0", "0"], "400"
    ds.add_new("WindowCenter", "LO", "AUTO")
    ds["WindowCenter"].VR = "LO"
    ds.save_as(ds.filename, enforce_file_format=True)


main()

#!/usr/bin/env python3
"""Makes the small DICOM files of this folder and want.json: what pydicom and
numpy read from them. Run it in an environment with pydicom 3 and numpy 2:

    python make.py
"""

import json
from pathlib import Path

import numpy as np
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.filereader import dcmread
from pydicom.pixels import apply_modality_lut
from pydicom.sequence import Sequence
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian, RLELossless

HERE = Path(__file__).parent
ROWS, COLUMNS = 9, 13


def base(name, syntax, stored, allocated=16, signed=False, photometric="MONOCHROME2"):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    meta.MediaStorageSOPInstanceUID = "2.25.1"
    meta.TransferSyntaxUID = syntax
    meta.ImplementationClassUID = "2.25.2"
    ds = FileDataset(str(HERE / name), {}, file_meta=meta, preamble=b"\0" * 128,
                     is_implicit_VR=syntax.is_implicit_VR, is_little_endian=syntax.is_little_endian)
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.PatientID, ds.PatientName = "p-1", "Nobody^At^All"
    ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "2.25.10", "2.25.11", "MR"
    ds.InstanceNumber = 5031
    ds.ImagePositionPatient = [-12.5, 3.25, 100]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing = [0.625, 0.5]
    ds.WindowCenter, ds.WindowWidth = [450, 200], [900, 400]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, photometric
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.BitsAllocated, ds.BitsStored, ds.HighBit = allocated, stored, stored - 1
    ds.PixelRepresentation = int(signed)
    return ds


def pixels(stored, signed, seed):
    low, high = (-(1 << (stored - 1)), (1 << (stored - 1)) - 1) if signed else (0, (1 << stored) - 1)
    values = np.random.default_rng(seed).integers(low, high, (ROWS, COLUMNS), endpoint=True)
    values[0, 0], values[-1, -1] = low, high
    return values


def save(ds, raw):
    ds.PixelData = raw + b"\0" * (len(raw) % 2)
    ds.save_as(ds.filename, enforce_file_format=True)
    return Path(ds.filename).name


def nested(ds):
    """Sequences of undefined length, one in the other, and private elements."""
    inner, outer = Dataset(), Dataset()
    inner.CodeValue, inner.CodeMeaning = "T-11505", "Lumbar spine"
    inner.is_undefined_length_sequence_item = True
    outer.PurposeOfReferenceCodeSequence = Sequence([inner])
    outer["PurposeOfReferenceCodeSequence"].is_undefined_length = True
    outer.is_undefined_length_sequence_item = True
    outer.Rows = 7  # must not be taken for that of the image
    ds.ReferencedImageSequence = Sequence([outer, outer])
    ds["ReferencedImageSequence"].is_undefined_length = True
    private = ds.private_block(0x0019, "VERTEBRA TEST", create=True)
    private.add_new(0x01, "OV", b"\1" * 16)
    private.add_new(0x02, "LO", "secret")


def main():
    names = []
    ds = base("unsigned12.dcm", ExplicitVRLittleEndian, 12)
    names.append(save(ds, pixels(12, False, 1).astype("<u2").tobytes()))

    ds = base("signed16.dcm", ExplicitVRLittleEndian, 16, signed=True)
    names.append(save(ds, pixels(16, True, 2).astype("<i2").tobytes()))

    # The bits above the twelve are zero, not copies of the sign.
    ds = base("signed12.dcm", ExplicitVRLittleEndian, 12, signed=True)
    names.append(save(ds, (pixels(12, True, 3).astype("<i2").view("<u2") & 0x0FFF).tobytes()))

    ds = base("monochrome1.dcm", ExplicitVRLittleEndian, 12, photometric="MONOCHROME1")
    names.append(save(ds, pixels(12, False, 4).astype("<u2").tobytes()))

    ds = base("rescaled.dcm", ExplicitVRLittleEndian, 12)
    ds.RescaleIntercept, ds.RescaleSlope = "-1024.5", "7.839"
    names.append(save(ds, pixels(12, False, 5).astype("<u2").tobytes()))

    ds = base("implicit.dcm", ImplicitVRLittleEndian, 16)
    nested(ds)
    names.append(save(ds, pixels(16, False, 6).astype("<u2").tobytes()))

    ds = base("nested.dcm", ExplicitVRLittleEndian, 16)
    nested(ds)
    names.append(save(ds, pixels(16, False, 7).astype("<u2").tobytes()))

    ds = base("big.dcm", ExplicitVRBigEndian, 12, signed=True)
    names.append(save(ds, pixels(12, True, 8).astype(">i2").tobytes()))

    # 9 · 13 bytes: an odd number, padded.
    ds = base("bytes.dcm", ExplicitVRLittleEndian, 8, allocated=8)
    names.append(save(ds, pixels(8, False, 9).astype("u1").tobytes()))

    # Bare: nothing that may be left out.
    ds = base("bare.dcm", ExplicitVRLittleEndian, 16)
    for word in ("PatientID InstanceNumber ImagePositionPatient ImageOrientationPatient PixelSpacing "
                 "WindowCenter WindowWidth HighBit").split():
        del ds[word]
    names.append(save(ds, pixels(16, False, 10).astype("<u2").tobytes()))

    ds = base("rle.dcm", ExplicitVRLittleEndian, 16)
    ds.PixelData = pixels(16, False, 11).astype("<u2").tobytes()
    ds.compress(RLELossless, generate_instance_uid=False)
    ds.save_as(ds.filename, enforce_file_format=True)
    names.append("rle.dcm")

    # A table instead of a slope: of another range than the stored numbers have.
    for name, syntax, first, photometric in (("lookup.dcm", ExplicitVRLittleEndian, 300, "MONOCHROME2"),
                                             ("lookup-signed.dcm", ImplicitVRLittleEndian, -1500, "MONOCHROME1")):
        ds = base(name, syntax, 12, signed=first < 0, photometric=photometric)
        table = Dataset()
        table.add_new("LUTDescriptor", "SS" if first < 0 else "US", [3000, first, 16])
        table.ModalityLUTType = "OD"
        table.add_new("LUTData", "OW", (60000 - np.arange(3000) ** 2 // 200).astype("<u2").tobytes())
        ds.ModalityLUTSequence = Sequence([table])
        names.append(save(ds, pixels(12, first < 0, 12).astype("<i2").tobytes()))

    want = {}
    for name in names:
        ds = dcmread(HERE / name)
        array = ds.pixel_array
        stored = ds.BitsStored
        if "ModalityLUTSequence" in ds:
            array, stored = apply_modality_lut(array, ds), 16
        array = array.astype(np.float64)
        if ds.PhotometricInterpretation == "MONOCHROME1":
            array = (1 << stored) - 1 - array
        array = array * float(ds.get("RescaleSlope", 1)) + float(ds.get("RescaleIntercept", 0))
        want[name] = {
            "transfer_syntax": ds.file_meta.TransferSyntaxUID,
            "spacing": [float(v) for v in ds.get("PixelSpacing", [])],
            "position": [float(v) for v in ds.get("ImagePositionPatient", [])],
            "window_center": [float(v) for v in ds.get("WindowCenter", [])],
            "patient": ds.get("PatientID", ""),
            "pixels": [float(np.float32(v)) for v in array.ravel()],
        }
    (HERE / "want.json").write_text(json.dumps(want).replace('}, "', '},\n"') + "\n")


main()

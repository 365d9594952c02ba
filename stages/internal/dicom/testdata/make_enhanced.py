#!/usr/bin/env python3
"""Makes enhanced-*.dcm, an enhanced MR file of three frames in four encodings, and
palette-segmented.dcm, and prints what pydicom says of them, for groups_test.go. Run it
in an environment with pydicom 3 and numpy:

    python make_enhanced.py
"""

from pathlib import Path

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.pixels import apply_color_lut
from pydicom.filereader import dcmread
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

HERE = Path(__file__).parent


def new(name, syntax, sop):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop, "2.25.1"
    meta.TransferSyntaxUID, meta.ImplementationClassUID = syntax, "2.25.2"
    ds = FileDataset(str(HERE / name), {}, file_meta=meta, preamble=b"\0" * 128,
                     is_implicit_VR=syntax.is_implicit_VR, is_little_endian=syntax.is_little_endian)
    ds.SOPClassUID, ds.SOPInstanceUID = sop, "2.25.1"
    ds.PatientID, ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "p-1", "2.25.10", "2.25.11", "MR"
    return ds


def item(**values):
    ds = Dataset()
    for key, value in values.items():
        setattr(ds, key, value)
    return ds


def enhanced(name, syntax, undefined):
    ds = new(name, syntax, "1.2.840.10008.5.1.4.1.1.4.1")
    ds.NumberOfFrames, ds.Rows, ds.Columns = 3, 4, 5
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 12, 11, 0
    ds.SharedFunctionalGroupsSequence = Sequence([item(
        PlaneOrientationSequence=Sequence([item(ImageOrientationPatient=[0, 1, 0, 0, 0, -1])]),
        PixelMeasuresSequence=Sequence([item(PixelSpacing=[0.5, 0.25], SliceThickness=4, SpacingBetweenSlices=4.5)]))])
    ds.PerFrameFunctionalGroupsSequence = Sequence([item(
        FrameContentSequence=Sequence([item(StackID="1", InStackPositionNumber=i + 1)]),
        PlanePositionSequence=Sequence([item(ImagePositionPatient=[-4.5 * i, 10, 20])]),
        FrameVOILUTSequence=Sequence([item(WindowCenter=100 + i, WindowWidth=200 + i)]),
        PixelValueTransformationSequence=Sequence([item(RescaleIntercept=-i, RescaleSlope=1 + i, RescaleType="US")]),
    ) for i in range(3)])
    if undefined:
        for seq in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
            ds[seq].is_undefined_length = True
            for it in ds[seq].value:
                it.is_undefined_length_sequence_item = True
                for e in it:
                    e.is_undefined_length = True
                    for inner in e.value:
                        inner.is_undefined_length_sequence_item = True
    values = (np.arange(60) * 37 % 4096).astype("<u2" if syntax.is_little_endian else ">u2")
    ds.PixelData = values.tobytes()
    ds.save_as(ds.filename, enforce_file_format=True)
    read = dcmread(ds.filename)
    print(name, read.pixel_array.sum(axis=(1, 2)).tolist())


def segmented():
    ds = new("palette-segmented.dcm", ExplicitVRLittleEndian, "1.2.840.10008.5.1.4.1.1.7")
    ds.Rows, ds.Columns, ds.SamplesPerPixel, ds.PhotometricInterpretation = 2, 5, 1, "PALETTE COLOR"
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 8, 8, 7, 0
    tables = {
        "Red": [0, 2, 100, 7, 1, 8, 65000],
        "Green": [0, 4, 0, 1, 2, 3, 1, 6, 30],
        "Blue": [0, 1, 500, 1, 3, 20, 0, 6, 1, 2, 3, 4, 5, 6],
    }
    for colour, words in tables.items():
        setattr(ds, f"{colour}PaletteColorLookupTableDescriptor", [10, 3, 16])
        setattr(ds, f"Segmented{colour}PaletteColorLookupTableData", np.array(words, "<u2").tobytes())
    ds.PixelData = bytes(range(2, 12))
    ds.save_as(ds.filename, enforce_file_format=True)
    read = dcmread(ds.filename)
    print("palette", apply_color_lut(read.pixel_array, read).reshape(-1, 3).tolist())


enhanced("enhanced-explicit.dcm", ExplicitVRLittleEndian, False)
enhanced("enhanced-implicit.dcm", ImplicitVRLittleEndian, False)
enhanced("enhanced-undefined.dcm", ExplicitVRLittleEndian, True)
enhanced("enhanced-big.dcm", ExplicitVRBigEndian, True)
segmented()

#!/usr/bin/env python3
"""Makes the files of this folder: a few pictures in every transfer syntax that is
read, and cases.json, which says which native file each must be equal to.

The encoders are DCMTK (dcmconv, dcmcrle, dcmcjpeg, dcmcjpls), OpenJPEG
(opj_compress) and OpenJPH (ojph_compress), as Debian 12 has them: packages dcmtk,
libopenjp2-tools and openjph-tools. What a lossy file must be equal to is what
DCMTK (JPEG, JPEG-LS) or pydicom with pylibjpeg-openjpeg (JPEG 2000) decode.
Every lossless file is decoded by pydicom here, and must equal its original.

    pip install pydicom numpy pillow pylibjpeg pylibjpeg-openjpeg pylibjpeg-libjpeg python-gdcm
    python make.py
"""

import io
import json
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.filereader import dcmread
from pydicom.pixels import apply_color_lut, pixel_array
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000, JPEG2000Lossless, JPEGBaseline8Bit

HERE = Path(__file__).parent
ROWS, COLUMNS = 46, 37  # no multiple of a block of anything
HTJ2K_LOSSLESS, HTJ2K_RPCL, HTJ2K = (UID("1.2.840.10008.1.2.4." + n) for n in ("201", "202", "203"))
cases = []


def picture(low, high, seed, edge=True):
    """Smooth shapes, an edge, some noise and a blank corner; low and high occur."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    v = 0.5 + 0.3 * np.sin(x / 5 + seed) * np.cos(y / 7) + 0.2 * ((x - 18) ** 2 + (y - 22) ** 2 < 120)
    v += np.random.default_rng(seed).normal(0, 0.01, v.shape)
    v[:12, :14] = 0
    if edge:
        v[-1, -1], v[-1, -2] = 0, 1
    return np.clip(np.round(low + v * (high - low)), low, high).astype(np.int64)


def save(name, array, stored, allocated=16, signed=False, photometric="MONOCHROME2", change=None):
    """array is (rows, columns), (frames, rows, columns) or (rows, columns, 3)."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = "2.25.1"
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = "2.25.2"
    ds = FileDataset(str(HERE / name), {}, file_meta=meta, preamble=b"\0" * 128)
    ds.SOPClassUID, ds.SOPInstanceUID = meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID
    ds.PatientID, ds.StudyInstanceUID, ds.SeriesInstanceUID, ds.Modality = "p", "2.25.10", "2.25.11", "OT"
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, photometric
    if array.shape[-1] == 3:
        ds.SamplesPerPixel, ds.PlanarConfiguration = 3, 0
    elif array.ndim == 3:
        ds.NumberOfFrames = len(array)
    ds.Rows, ds.Columns = ROWS, COLUMNS
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = allocated, stored, stored - 1, int(signed)
    raw = array.astype({8: "<i2", 16: "<i4", 32: "<i8"}[allocated]).astype({8: "u1", 16: "<u2", 32: "<u4"}[allocated]).tobytes()
    ds.PixelData = raw + b"\0" * (len(raw) % 2)
    ds["PixelData"].VR = "OB" if allocated == 8 else "OW"
    if change:
        change(ds)
    ds.save_as(ds.filename, enforce_file_format=True)
    return name


def run(*command):
    subprocess.run([str(c) for c in command], check=True, cwd=HERE, capture_output=True)


def case(name, same_as, within=0, syntax=None):
    """within: how far a value may be off. Lossless files are checked by pydicom."""
    got = dcmread(HERE / name)
    assert syntax is None or got.file_meta.TransferSyntaxUID == syntax, (name, got.file_meta.TransferSyntaxUID)
    if within == 0:
        assert np.array_equal(got.pixel_array, dcmread(HERE / same_as).pixel_array), name
    cases.append({"file": name, "syntax": got.file_meta.TransferSyntaxUID, "same_as": same_as, "within": within})


def native(name, ds, array):
    """A native file with the pixels of a decoded one."""
    save(name, array, ds.BitsStored, ds.BitsAllocated, bool(ds.PixelRepresentation))
    return name


def encapsulated(name, base, syntax, codestream, lossy=False):
    ds = dcmread(HERE / base)
    ds.file_meta.TransferSyntaxUID = syntax
    ds.PixelData = encapsulate([codestream])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    if lossy:
        ds.LossyImageCompression = "01"
    ds.save_as(HERE / name, enforce_file_format=True)


def codestream(command, array, high, suffix, signed=False):
    """Runs an encoder of PGM, or of raw numbers where there is a sign."""
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "a.pgm", Path(folder) / ("a" + suffix)
        extra = []
        if signed:
            source = Path(folder) / "a.raw"
            source.write_bytes(array.astype(">i2").tobytes())
            extra = ["-F", f"{COLUMNS},{ROWS},1,16,s"]
        else:
            wide = ">u2" if high > 255 else "u1"
            source.write_bytes(b"P5\n%d %d\n%d\n" % (COLUMNS, ROWS, high) + array.astype(wide).tobytes())
        run(*[str(c).replace("IN", str(source)).replace("OUT", str(target)) for c in command], *extra)
        return target.read_bytes()


def natives():
    for name, base, option, syntax in (("implicit", "grey12", "+ti", "1.2.840.10008.1.2"), ("big", "signed16", "+tb", "1.2.840.10008.1.2.2"),
                                       ("deflated", "grey12", "+td", "1.2.840.10008.1.2.1.99")):
        run("dcmconv", option, base + ".dcm", name + ".dcm")
        case(name + ".dcm", base + ".dcm", syntax=syntax)


def dcmtk():
    for base in ("grey12", "signed16", "grey8", "rgb8", "frames"):
        run("dcmcrle", base + ".dcm", f"rle-{base}.dcm")
        case(f"rle-{base}.dcm", base + ".dcm", syntax="1.2.840.10008.1.2.5")
        run("dcmcjpls", "+el", base + ".dcm", f"ls-{base}.dcm")
        case(f"ls-{base}.dcm", base + ".dcm", syntax="1.2.840.10008.1.2.4.80")
        run("dcmcjpeg", "+e1", base + ".dcm", f"jpeg70-{base}.dcm")
        case(f"jpeg70-{base}.dcm", base + ".dcm", syntax="1.2.840.10008.1.2.4.70")
    for word, option in (("line", "+il"), ("sample", "+is"), ("none", "+in")):
        run("dcmcjpls", option, "rgb8.dcm", f"ls-{word}-rgb8.dcm")
        case(f"ls-{word}-rgb8.dcm", "rgb8.dcm", syntax="1.2.840.10008.1.2.4.80")
    for predictor in range(1, 8):
        run("dcmcjpeg", "+el", "+sv", predictor, "grey12.dcm", f"jpeg57-{predictor}.dcm")
        case(f"jpeg57-{predictor}.dcm", "grey12.dcm", syntax="1.2.840.10008.1.2.4.57")
    for name, base, decode, command in (
            ("jpeg50-grey8", "grey8", "dcmdjpeg", ("dcmcjpeg", "+eb", "+q", 90)),
            ("jpeg51-grey12", "grey12", "dcmdjpeg", ("dcmcjpeg", "+ee", "+q", 90)),
            ("jpeg51-grey8", "grey8", "dcmdjpeg", ("dcmcjpeg", "+ee", "+q", 90)),
            ("ls-near", "grey12", "dcmdjpls", ("dcmcjpls", "+en", "+md", 4))):
        run(*command, base + ".dcm", name + ".dcm")
        run(decode, name + ".dcm", name + ".want.dcm")
        case(name + ".dcm", name + ".want.dcm", 0 if name == "ls-near" else 1)
    # Y of a coloured JPEG: what DCMTK makes a grey picture of.
    run("dcmcjpeg", "+eb", "+q", 95, "+s4", "rgb8.dcm", "jpeg50-rgb8.dcm")
    array = dcmread(HERE / "jpeg50-rgb8.dcm")
    assert array.PhotometricInterpretation == "YBR_FULL"
    cases.append({"file": "jpeg50-rgb8.dcm", "syntax": "1.2.840.10008.1.2.4.50", "same_as": "rgb8.dcm", "within": 8})


def unsaid():
    """RGB in a JPEG stream that does not say so: Adobe's marker is cut off, and components are 0, 1 and 2."""
    out = io.BytesIO()
    Image.fromarray(dcmread(HERE / "rgb8.dcm").pixel_array).save(out, "jpeg", quality=90, subsampling=0, keep_rgb=True)
    stream = bytearray(out.getvalue())
    at = stream.index(b"\xff\xee\0\x0eAdobe")
    stream[at:at + 16] = b"\xff\xee\0\x0cAdobe" + stream[at + 9:at + 14]  # cut before it says what the components are
    for marker, first, step in ((b"\xff\xc0", 10, 3), (b"\xff\xda", 5, 2)):
        at = stream.index(marker)
        for i, letter in enumerate(b"RGB"):
            assert stream[at + first + step * i] == letter
            stream[at + first + step * i] = i
    assert b"JFIF" not in stream
    encapsulated("jpeg50-unsaid.dcm", "rgb8.dcm", JPEGBaseline8Bit, bytes(stream), lossy=True)
    save("jpeg50-unsaid.want.dcm", pixel_array(HERE / "jpeg50-unsaid.dcm", raw=True), 8, allocated=8, photometric="RGB")
    case("jpeg50-unsaid.dcm", "jpeg50-unsaid.want.dcm", 1)


def colours():
    """What files in colour are as red, green and blue, and colours.json, which says which native file that is."""
    rgb = dcmread(HERE / "rgb8.dcm").pixel_array
    ybr = np.clip(np.round(rgb @ np.array([[.299, .587, .114], [-.1687, -.3313, .5], [.5, -.4187, -.0813]]).T + [0, 128, 128]), 0, 255).astype(np.uint8)
    save("ybr-full.dcm", ybr, 8, allocated=8, photometric="YBR_FULL")
    even = np.repeat(ybr[:, :36:2], 2, axis=1)
    even[..., 0] = ybr[:, :36, 0]
    pairs = np.stack([even[:, ::2, 0], even[:, 1::2, 0], even[:, ::2, 1], even[:, ::2, 2]], axis=-1)

    def halved(ds):
        ds.Columns, ds.PixelData = 36, pairs.tobytes()
    save("ybr-422.dcm", ybr, 8, allocated=8, photometric="YBR_FULL_422", change=halved)

    def planes(ds):
        ds.PlanarConfiguration, ds.PixelData = 1, rgb.transpose(2, 0, 1).tobytes()
    save("rgb-planes.dcm", rgb, 8, allocated=8, photometric="RGB", change=planes)

    def palette(ds):
        for i, colour in enumerate(("Red", "Green", "Blue")):
            ds.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [200, 20, 16])
            ds.add_new(f"{colour}PaletteColorLookupTableData", "OW", ((np.arange(200) * (331, 97, 211)[i] + 1000 * i) % 65536).astype("<u2").tobytes())
    save("palette.dcm", picture(0, 255, 10), 8, allocated=8, photometric="PALETTE COLOR", change=palette)
    lines = []
    for name, within in (("ybr-full", 0), ("ybr-422", 0), ("rgb-planes", 0), ("palette", 0), ("jpeg50-rgb8", 3), ("jpeg50-unsaid", 1),
                         ("rle-rgb8", 0), ("jpeg70-rgb8", 0), ("ls-rgb8", 0), ("ls-line-rgb8", 0), ("ls-none-rgb8", 0)):
        ds = dcmread(HERE / f"{name}.dcm")
        array = apply_color_lut(ds.pixel_array, ds) if name == "palette" else pixel_array(ds)

        def narrow(wanted, array=array):
            wanted.Columns = array.shape[1]
        bits = 16 if name == "palette" else 8
        same = "rgb8.dcm"
        if not np.array_equal(array, rgb):
            same = save(f"{name}.rgb.dcm", array, bits, allocated=bits, photometric="RGB", change=narrow)
        lines.append(json.dumps({"file": f"{name}.dcm", "same_as": same, "within": within}))
    (HERE / "colours.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


def jpeg2000():
    j2k = ("opj_compress", "-i", "IN", "-o", "OUT", "-n", 4)
    for name, base, array, high, signed, extra in (
            ("j2k-grey12", "grey12", GREY12, 4095, False, ()),
            ("j2k-signed16", "signed16", SIGNED16, 0, True, ()),
            ("j2k-tiles", "grey12", GREY12, 4095, False, ("-t", "16,16")),
            ("j2k-precincts", "grey12", GREY12, 4095, False, ("-c", "[16,16],[8,8]", "-b", "8,8", "-p", "RPCL"))):
        encapsulated(name + ".dcm", base + ".dcm", JPEG2000Lossless, codestream(j2k + extra, array, high, ".j2k", signed))
        case(name + ".dcm", base + ".dcm")
    # In its JP2 file, as some writers leave it.
    encapsulated("j2k-boxed.dcm", "grey12.dcm", JPEG2000Lossless, codestream(j2k, GREY12, 4095, ".jp2"))
    case("j2k-boxed.dcm", "grey12.dcm")
    lossy("j2k-lossy.dcm", JPEG2000, codestream(j2k + ("-I", "-r", 8), GREY12, 4095, ".j2k"))

    ht = ("ojph_compress", "-i", "IN", "-o", "OUT", "-num_decomps", 3)
    for name, syntax, extra in (("ht-201", HTJ2K_LOSSLESS, ("-reversible", "true")),
                                ("ht-202", HTJ2K_RPCL, ("-reversible", "true", "-prog_order", "RPCL"))):
        encapsulated(name + ".dcm", "grey12.dcm", syntax, codestream(ht + extra, GREY12, 4095, ".j2c"))
        case(name + ".dcm", "grey12.dcm")
    lossy("ht-203.dcm", HTJ2K, codestream(ht + ("-qstep", "0.002"), GREY12, 4095, ".j2c"))


def lossy(name, syntax, data):
    encapsulated(name, "grey12.dcm", syntax, data, lossy=True)
    ds = dcmread(HERE / name)
    array = ds.pixel_array
    off = np.abs(array.astype(int) - GREY12).max()
    assert 0 < off < 300, (name, off)
    want = name.replace(".dcm", ".want.dcm")
    native(want, ds, array)
    case(name, want, 1)


def fragments():
    """A frame in several fragments: of one frame, and of three with offsets."""
    for name, base, n in (("rle-fragments", "rle-grey12", 2), ("rle-frames-fragments", "rle-frames", 2)):
        from pydicom.encaps import generate_frames
        ds = dcmread(HERE / (base + ".dcm"))
        frames = list(generate_frames(ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames", 1))))
        ds.PixelData = encapsulate(frames, fragments_per_frame=n, has_bot=True)
        ds["PixelData"].is_undefined_length = True
        ds.save_as(HERE / (name + ".dcm"), enforce_file_format=True)
        case(name + ".dcm", base.removeprefix("rle-") + ".dcm")


GREY12 = picture(0, 4095, 1)
SIGNED16 = picture(-32768, 32767, 2)


def main():
    save("grey12.dcm", GREY12, 12)
    save("signed16.dcm", SIGNED16, 16, signed=True)
    save("grey8.dcm", picture(0, 255, 3), 8, allocated=8)
    save("rgb8.dcm", np.stack([picture(0, 255, s) for s in (4, 5, 6)], axis=-1), 8, allocated=8, photometric="RGB")
    save("frames.dcm", np.stack([picture(0, 4095, s) for s in (7, 8, 9)]), 12)
    natives()
    dcmtk()
    unsaid()
    jpeg2000()
    fragments()
    colours()
    lines = ",\n".join(json.dumps(c) for c in sorted(cases, key=lambda c: c["file"]))
    (HERE / "cases.json").write_text("[\n" + lines + "\n]\n")


main()

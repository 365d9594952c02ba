#!/usr/bin/env python3
"""Makes the workbooks beside it, by two writers, and want.json: what openpyxl reads of their
first sheets, as text.

    pip install openpyxl xlsxwriter && python make.py
"""

import json
from pathlib import Path

import openpyxl
import xlsxwriter

here = Path(__file__).parent
rows = [
    ["AccessionNumber", "PatientID", "Befund", "Größe (mm)", "malignant", None, "note"],
    ["A20230001", "00123", "kein Befund", 0.1, True, None, 'says "no", twice\nand again'],
    ["A20230002", 456, "Läsion", 12, False, None, " blanks "],
    [],
    ["A20230003", None, "Läsion", 1234567890123, None, None, "<b> & 日本"],
]

book = openpyxl.Workbook()
book.active.title = "Befunde"
for row in rows:
    book.active.append(row)
book.create_sheet("other").append(["another sheet"])
hidden = book.create_sheet("hidden", 0)
hidden.append(["nobody sees this"])
hidden.sheet_state = "hidden"
book.save(here / "openpyxl.xlsx")

with xlsxwriter.Workbook(str(here / "xlsxwriter.xlsx")) as book:
    sheet = book.add_worksheet("Befunde")
    bold = book.add_format({"bold": True})
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            if value is not None:
                sheet.write(r, c, value)
    sheet.write_rich_string(2, 2, "Lä", bold, "sion")
    sheet.write_formula(5, 3, "=1+1", None, 2)
    sheet.write_formula(5, 4, "=1/0", None, "#DIV/0!")
    sheet.write_formula(5, 28, '="far"', None, "far")


def text(value):
    if value is None or value == "#DIV/0!":
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    return str(value)


want = {}
for name in ["openpyxl.xlsx", "xlsxwriter.xlsx"]:
    book = openpyxl.load_workbook(here / name, data_only=True)
    want[name] = [[text(v) for v in row] for row in book["Befunde"].iter_rows(values_only=True)]
(here / "want.json").write_text(json.dumps(want, ensure_ascii=False, indent=1) + "\n")

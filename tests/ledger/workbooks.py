"""Workbooks for tests, made in memory."""

import io
import zipfile
from typing import Any

from openpyxl import Workbook


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    """Return an XLSX file with these sheets."""
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def packed(**parts: bytes) -> bytes:
    """Return a ZIP file with these parts; `__` stands for a slash and `_0` for a dot."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_0", "."), content)
    return target.getvalue()

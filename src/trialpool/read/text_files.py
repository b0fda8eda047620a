"""CSV and TSV by the standard library: bytes to a Sheet, with the true line of every row."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from trialpool.errors import TableError
from trialpool.read.sheet import Record, Sheet, sheet_from_file

__all__ = ["DELIMITERS", "read_text"]

DELIMITERS = {".csv": ",", ".tsv": "\t", ".txt": "\t"}
"""The delimiter that each file extension stands for."""

_BOM = b"\xef\xbb\xbf"
_SAVE_AS_UTF8 = "save the file as UTF-8 (in Excel: 'CSV UTF-8')"
_SIGNATURES = {
    b"PK\x03\x04": "a zip or Excel file; give an Excel workbook the extension .xlsx",
    b"PAR1": "a Parquet file; give it the extension .parquet",
    b"\xd0\xcf\x11\xe0": "an old Excel (.xls) or password-protected file; save it as .xlsx or CSV without a password",
    b"\x1f\x8b": "a gzip file; unpack it first",
    b"%PDF": "a PDF file; type its table into a CSV",
    b"\xff\xfe": f"UTF-16 text; {_SAVE_AS_UTF8}",
    b"\xfe\xff": f"UTF-16 text; {_SAVE_AS_UTF8}",
}


def read_text(data: bytes, name: str, extension: str) -> Sheet:
    """Read delimited text; the delimiter follows the extension unless the header line plainly uses another."""
    content = _decode(data, name)
    delimiter = _delimiter(content, DELIMITERS[extension])
    return sheet_from_file(name, _records(content, delimiter, name), exact=True)


def _decode(data: bytes, name: str) -> str:
    zero = data.find(b"\x00")
    if zero >= 0:
        raise _not_text(data, name, zero, "NUL, so this is not a text file")
    skipped = len(_BOM) if data.startswith(_BOM) else 0
    try:
        return data[skipped:].decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + skipped
        raise _not_text(data, name, offset, f"0x{data[offset]:02x}, which is not UTF-8") from None


def _not_text(data: bytes, name: str, offset: int, problem: str) -> TableError:
    kind = next((kind for signature, kind in _SIGNATURES.items() if data.startswith(signature)), None)
    if kind is not None:
        return TableError(name, [f"the content is not UTF-8 text but {kind}"])
    return TableError(name, [f"byte {offset} (line {_line(data, offset)}) is {problem}; {_SAVE_AS_UTF8}"])


def _line(data: bytes, offset: int) -> int:
    before = data[:offset].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return before.count(b"\n") + 1


def _delimiter(content: str, preferred: str) -> str:
    """The delimiter most used outside quotes in the header line; the extension's own one wins a tie."""
    start = content.lstrip()
    outside_quotes = "".join(start.splitlines()[0].split('"')[::2]) if start else ""
    return max((preferred, ",", ";", "\t"), key=outside_quotes.count)


def _records(content: str, delimiter: str, name: str) -> Iterator[Record]:
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    first_line = 1
    try:
        for fields in reader:
            yield first_line, fields
            first_line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(name, [f"row {first_line}: {_explained(str(error))}"]) from None


def _explained(message: str) -> str:
    if "unexpected end" in message:
        return "a double quote opens a text that is never closed; close it, or write a quote inside a text twice"
    if "field larger" in message:
        return f"a cell is too long ({message}); a double quote may have opened a text that is closed much later"
    return f"misplaced double quote ({message}); put the whole cell in quotes and write a quote inside it twice"

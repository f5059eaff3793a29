"""Small PDFs written by hand, so that tests need no printer."""

import zlib
from collections.abc import Sequence

Printed = tuple[float, float, str]
"""Left edge, distance from the top, text, in points on a page of 612 × 792."""


def pdf(pages: Sequence[Sequence[Printed]], *, packed: bool = True, size: float = 10) -> bytes:
    """Return a PDF that prints these lines in Helvetica."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b"", _FONT]
    kids = []
    for lines in pages:
        stream = b"BT\n" + b"".join(_line(line, size) for line in lines) + b"ET"
        body, note = (zlib.compress(stream), b"/Filter /FlateDecode ") if packed else (stream, b"")
        objects.append(b"<< %s/Length %d >>\nstream\n%s\nendstream" % (note, len(body), body))
        kids.append(len(objects) + 1)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(b"%d 0 R" % kid for kid in kids))
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    return out + b"xref\n0 %d\n0000000000 65535 f \n%strailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        count,
        table,
        count,
        len(out),
    )


_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def _line(line: Printed, size: float) -> bytes:
    left, top, text = line
    words = text.encode("cp1252").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return b"/F1 %g Tf 1 0 0 1 %g %g Tm (%s) Tj\n" % (size, left, 792 - top, words)

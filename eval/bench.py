"""Every speed that the product promises, in one table: `python -m eval.bench` (`--help` for its parts).

Ratios are against a naive LlamaIndex pipeline measured in the same run, in alternating rounds.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from eval import bench_cold, bench_ingest, bench_model, bench_read
from eval.bench_table import Row, machine, plain, table

__all__ = ["PARTS", "main"]

PARTS = ("cold", "ingest", "quality", "read", "model")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure what is asked for and print one table; 0 also where a goal is missed, since machines differ."""
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=__doc__)
    parser.add_argument("--only", action="append", choices=PARTS, help="measure this part alone; may be repeated")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each comparison [3]")
    parser.add_argument("--comments", type=int, default=5_000, help="comments in a thread that is read [5000]")
    parser.add_argument("--threads", type=int, default=12, help="third-party threads that are ingested and asked [12]")
    parser.add_argument("--questions", type=int, default=6, help="questions to the local model [6]")
    parser.add_argument("--json", type=Path, help="also write the rows to this file")
    options = parser.parse_args(arguments)
    rows: list[Row] = []
    for part in options.only or PARTS:
        print(f"{part} …", file=sys.stderr, flush=True)
        rows += _part(part, options)
    print(table(rows))
    print(f"\nOn {machine()}.")
    if options.json:
        options.json.write_text(
            json.dumps({"machine": machine(), "rows": plain(rows)}, ensure_ascii=False, indent=1) + "\n", "utf-8"
        )
    return 0


def _part(part: str, options: argparse.Namespace) -> list[Row]:
    match part:
        case "read":
            return bench_read.rows(options.comments)
        case "cold":
            return bench_cold.rows(options.rounds)
        case "model":
            return bench_model.rows(options.questions)
        case "quality":
            return bench_ingest.quality_rows(options.threads)
        case _:
            return bench_ingest.rows(options.rounds, options.threads)


if __name__ == "__main__":
    sys.exit(main())

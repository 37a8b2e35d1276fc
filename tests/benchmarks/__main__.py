"""The command: ``PYTHONPATH=tests python -m benchmarks``, which ``make bench`` calls."""

import argparse
from dataclasses import replace
from pathlib import Path

from .apart import apart
from .cases import CASES
from .files import head, spare
from .machine import peak_gflops
from .peers import require
from .report import as_json, lost, put, table
from .timing import Prepared, in_turn

RECORD = Path("book/performance/benchmarks.json")


def main(arguments: list[str] | None = None) -> None:
    """Time the cases that are asked for, one after another, and write each down when it is done."""
    options = _parser().parse_args(arguments)
    if options.list:
        print("\n".join(f"{name:18} {case.title}" for name, case in CASES.items()))
        return
    spare(RECORD, options.output, trial=options.scale != 1 or bool(options.ways))
    begun = head()
    this = begun["machine"]
    if gone := lost(options.output, begun, options.case or CASES):
        raise SystemExit(
            f"{options.output} is of another machine or other versions, and would lose {', '.join(gone)}; "
            "time all cases, or name another file by --output"
        )
    print(
        f"{this['processor']}, {this['threads']} threads, {this['memory_gib']} GiB; {options.rounds} rounds"
    )
    peak = peak_gflops()
    print("; ".join(f"{kind} peak {rate:,.0f} GFLOP/s" for kind, rate in peak.items()))
    for name in options.case or CASES:
        whole = CASES[name].prepare(options.scale)
        prepared = _selected(whole, options.ways)
        if len(prepared.ways) < 2:
            print(f"\n{name} is left out; its ways are {', '.join(way.name for way in whole.ways)}")
            continue
        for way in prepared.ways:
            if way.needs:
                require(way.needs)
        title = CASES[name].title
        with apart(name, options.scale, prepared.ways) as measure:
            times = in_turn(prepared.ways, options.rounds, measure, title=title)
        case = as_json(name, title, prepared, times)
        put(options.output, {**begun, "peak_gflops": peak}, case, CASES)
        print(f"\n{table(case, peak)}", flush=True)


def _selected(prepared: Prepared, names: list[str] | None) -> Prepared:
    """The case with the ways that are asked for; the first one stays, as the others are compared with it."""
    if names is None:
        return prepared
    first, *others = prepared.ways
    return replace(prepared, ways=(first, *(way for way in others if way.name in names)))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__.partition(":")[0])
    parser.add_argument(
        "--case", nargs="+", choices=CASES, metavar="NAME", help="cases to time; all if not given"
    )
    parser.add_argument(
        "--ways", nargs="+", metavar="NAME", help="ways to time beside the baseline; all if not given"
    )
    parser.add_argument("--rounds", type=int, default=5, help="calls of every way (5)")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the size of every case (1)")
    parser.add_argument("--list", action="store_true", help="name the cases and stop")
    parser.add_argument(
        "--output",
        type=Path,
        default=RECORD,
        help=f"where to write ({RECORD})",
    )
    return parser


if __name__ == "__main__":
    main()

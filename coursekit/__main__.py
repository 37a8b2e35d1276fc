"""The command line: ``python -m coursekit info | data | run | results | claims``."""

import argparse
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 if all is well, 1 after an error that a person can mend, said in one sentence."""
    from coursekit.data import DataError

    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (DataError, ValueError, OSError) as error:
        print(f"coursekit: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("coursekit: stopped; what was finished is kept", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m coursekit", description="The course companion's helper.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    info = commands.add_parser("info", help="versions, device, scale and data")
    info.set_defaults(command=_info)

    data = commands.add_parser("data", help="the data sets: list, verify, fetch")
    actions = data.add_subparsers(required=True, metavar="ACTION")
    for name, command, text in (
        ("list", _data_list, "each data set with its licence and where it is"),
        ("verify", _data_verify, "size and checksum of every file"),
        ("fetch", _data_fetch, "download what is missing into COURSEKIT_DATA"),
    ):
        action = actions.add_parser(name, help=text)
        action.set_defaults(command=command)
        if name != "list":
            action.add_argument("names", nargs="*", metavar="NAME", help="data sets (default: all)")

    run = commands.add_parser("run", help="execute chapters and write their result cards")
    run.add_argument("questions", nargs="*", metavar="QUESTION", help="such as mannheim.1e")
    run.add_argument("--all", action="store_true", help="every chapter")
    run.set_defaults(command=_run)

    results = commands.add_parser("results", help="the result cards, one line a configuration")
    results.set_defaults(command=_results)

    claims = commands.add_parser("claims", help="the claims of the reports with their verdicts")
    claims.add_argument("--question", help="only those of one question")
    claims.set_defaults(command=_claims)
    return parser


def _info(_: argparse.Namespace) -> int:
    from coursekit.data.registry import data_folder
    from coursekit.evidence import versions
    from coursekit.profile import current, describe_device

    profile = current()
    for name, version in versions().items():
        print(f"{name:10} {version}")
    print(f"{'scale':10} {profile.name}")
    print(f"{'device':10} {describe_device(profile.device)}")
    print(f"{'data':10} {data_folder() or 'offline sets (COURSEKIT_DATA is unset)'}")
    return 0


def _data_list(_: argparse.Namespace) -> int:
    from coursekit.data import REGISTRY
    from coursekit.data.registry import available, data_folder, verify

    for name, source in REGISTRY.items():
        if data_folder() is None:
            where = "not here: its offline set stands in"
        elif all(file.state != "missing" for file in verify(name)):
            where = "here"
        elif available(name) != name:
            where = f"here in part: {available(name)} stands in for it"
        elif not source.offered:
            where = "not here, and offered nowhere for download"
        else:
            where = f"not here: python -m coursekit data fetch {name}"
        print(f"{name}: {source.title}")
        print(f"    {source.size / 1e6:.1f} MB, {source.licence}, {source.homepage}")
        print(f"    {where}")
    return 0


def _data_verify(options: argparse.Namespace) -> int:
    from coursekit.data import REGISTRY
    from coursekit.data.registry import available, verify

    # Without names, what `load` would read: a data set of which only a part is here is no fault, nor is one
    # that cannot be fetched and is not here.
    parts = {source.part for source in REGISTRY.values()}
    names = options.names or [
        available(name)
        for name, source in REGISTRY.items()
        if name not in parts and (source.offered or any(file.state != "missing" for file in verify(name)))
    ]
    files = {file.path: file for name in names for file in verify(name)}.values()
    for file in files:
        print(f"{file.state:16} {file.size or 0:>12,}  {file.path}")
    return int(any(file.state != "ok" for file in files))


def _data_fetch(options: argparse.Namespace) -> int:
    from coursekit.data import REGISTRY
    from coursekit.data.registry import fetch

    names = options.names or [name for name, source in REGISTRY.items() if source.offered]
    for path in dict.fromkeys(path for name in names for path in fetch(name)):
        print(path)
    return 0


def _run(options: argparse.Namespace) -> int:
    from coursekit.evidence import find_questions
    from coursekit.evidence.execution import execute_chapter

    known = find_questions()
    chosen = known if options.all else options.questions
    unknown = [question for question in chosen if question not in known]
    if unknown or not chosen:
        what = (
            f"no chapter answers {', '.join(unknown)}" if unknown else "say which question to run, or --all"
        )
        raise ValueError(f"{what}; the questions are {', '.join(known)}")
    for question in chosen:
        execute_chapter(question)
    return 0


def _results(_: argparse.Namespace) -> int:
    from coursekit.evidence import find_book, load_card
    from coursekit.evidence.formatting import interval_text

    for path in sorted((find_book() / "results").glob("*.json")):
        card = load_card(path.stem)
        reasons = card.stale()
        print(f"{card.question}: {f'stale, {reasons[0]}' if reasons else 'up to date'}")
        metrics = dict.fromkeys(metric for run in card.runs for metric in run.metrics)
        for metric in metrics:
            for configuration, interval in card.summary(metric).items():
                print(f"    {configuration}, {metric}: {interval_text(interval, metric=metric)}")
    return 0


def _claims(options: argparse.Namespace) -> int:
    from coursekit.evidence import load_claims, ruling_of

    claims = [c for c in load_claims() if options.question in (None, c.question)]
    if not claims:
        raise ValueError(f"no claim belongs to {options.question}")
    for claim in claims:
        ruling = ruling_of(claim)
        print(f"{ruling.verdict or 'not yet measured':22} {claim.id}: {claim.says}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())

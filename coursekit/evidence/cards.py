"""Result cards: the runs of a question, kept on disk where the data was real and the scale full."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from coursekit.evidence.card_files import CardError, read_card, write_card
from coursekit.evidence.chapters import find_book
from coursekit.evidence.provenance import Code, Dataset, DataUsed, code_of
from coursekit.evidence.runs import Outcome, Run, measure, plain
from coursekit.evidence.statistics import Interval, mean_interval
from coursekit.evidence.sweeping import sweep_card
from coursekit.profile import Profile

if TYPE_CHECKING:
    from pandas import DataFrame


class MissingRunsError(ValueError):
    """A card has no run of a configuration, or no run of it that metric; the message names what it has."""


@dataclass
class Card:
    """The runs of one question at one scale on one data set.

    Get one with `open_card` (to add runs) or `load_card` (to read the committed one). `data` and `code` are
    None only on a card that nothing is recorded on.

    Parameters
    ----------
    recorded_in
        File that every finished run is written to; None keeps runs in memory.
    """

    question: str
    scale: str
    data: DataUsed | None = None
    code: Code | None = None
    runs: list[Run] = field(default_factory=list)
    recorded_in: Path | None = None
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    outdated: int = 0

    def run(
        self,
        configuration: str,
        experiment: Callable[..., Outcome],
        *,
        seed: int,
        settings: Mapping[str, Any] | None = None,
    ) -> Run:
        """Run ``experiment(seed=seed, **settings)``, measure it and keep it, unless the card has it already.

        A recorded run of the same configuration, seed and settings is returned as it is. Each finished run
        is on disk before the next begins: an interruption loses the run under way and no other.

        Raises
        ------
        TypeError
            If the experiment returns no `Outcome`, or a setting is not a plain value.
        ValueError
            If a figure is not finite.
        CardError
            If the card cannot be written.
        """
        settings = plain(settings or {})
        recorded = self._recorded(configuration, seed, settings)
        if recorded is not None:
            return recorded
        run = measure(configuration, experiment, seed=seed, settings=settings, device=self.device)
        self._keep(run)
        return run

    sweep = sweep_card

    @property
    def configurations(self) -> tuple[str, ...]:
        """Names of the configurations, in the order they were first run."""
        return tuple(dict.fromkeys(run.configuration for run in self.runs))

    def runs_of(self, configuration: str) -> tuple[Run, ...]:
        """The runs of a configuration, by seed.

        Raises
        ------
        MissingRunsError
            If the card has no such configuration; the message names those it has.
        """
        found = [run for run in self.runs if run.configuration == configuration]
        if not found:
            held = ", ".join(map(repr, self.configurations)) or "none yet"
            raise MissingRunsError(
                f"the card {self.question} has no configuration {configuration!r}; it has {held}"
            )
        return tuple(sorted(found, key=lambda run: run.seed))

    def values(self, configuration: str, metric: str) -> dict[int, float]:
        """One figure per seed.

        Raises
        ------
        MissingRunsError
            If the card has no such configuration, or no run of it that metric.
        """
        runs = self.runs_of(configuration)
        found = {run.seed: run.metrics[metric] for run in runs if metric in run.metrics}
        if not found:
            held = ", ".join(map(repr, runs[0].metrics))
            raise MissingRunsError(
                f"the runs of {configuration!r} in the card {self.question} have no metric {metric!r}; "
                f"they have {held}"
            )
        return found

    def summary(self, metric: str) -> dict[str, Interval]:
        """Mean and 95 % interval over seeds, for every configuration that has the metric."""
        with_metric = {run.configuration for run in self.runs if metric in run.metrics}
        return {
            name: mean_interval(self.values(name, metric).values())
            for name in self.configurations
            if name in with_metric
        }

    def table(self) -> "DataFrame":
        """A row per run: configuration, seed, its settings, its metrics, seconds, memory, device."""
        from pandas import DataFrame

        return DataFrame(
            {
                "configuration": run.configuration,
                "seed": run.seed,
                **run.settings,
                **run.metrics,
                "seconds": run.seconds,
                "peak_memory_mib": run.peak_memory_mib,
                "device": run.device,
            }
            for run in self.runs
        )

    def stale(self, *, book: Path | None = None) -> list[str]:
        """Why the recorded runs no longer speak for the book: reasons in words, none when they do."""
        if self.data is None or self.code is None:
            return ["nothing is recorded yet"]
        from coursekit.data import REGISTRY

        reasons = []
        source = REGISTRY.get(self.data.name)
        if source is None or source.sha256 != self.data.sha256:
            reasons.append(f"the data {self.data.name} is no longer the one it was run on")
        try:
            moved = code_of(self.question, book=book).sha256 != self.code.sha256
        except LookupError as error:
            reasons.append(str(error))
        else:
            if moved:
                reasons.append("the code of the experiment has changed since it was run")
        return reasons

    def _recorded(self, configuration: str, seed: int, settings: dict[str, Any]) -> Run | None:
        wanted = (configuration, seed, settings)
        held = self.runs if self.recorded_in else ()
        return next((run for run in held if (run.configuration, run.seed, run.settings) == wanted), None)

    def _keep(self, run: Run, *, among: tuple[str, ...] = ()) -> None:
        """Add a run; configurations stand in the order they came, those in `among` in that order."""
        others = [r for r in self.runs if (r.configuration, r.seed) != (run.configuration, run.seed)]
        names = list(dict.fromkeys(r.configuration for r in [*self.runs, run]))
        places = iter([name for name in among if name in names])
        order = [next(places) if name in among else name for name in names]
        kept = sorted([*others, run], key=lambda r: (order.index(r.configuration), r.seed))
        if self.recorded_in is not None:
            write_card(self._document(kept), self.recorded_in)
            if self.outdated:
                print(f"{self.recorded_in.name}: {self.outdated} runs of other code or data dropped")
                self.outdated = 0
        self.runs = kept

    def _document(self, runs: list[Run]) -> dict[str, Any]:
        assert self.data is not None and self.code is not None
        entries = [{k: v for k, v in asdict(run).items() if k != "confusion" or v} for run in runs]
        return {
            "schema": 1,
            "question": self.question,
            "scale": self.scale,
            "data": asdict(self.data),
            "code": {"sha256": self.code.sha256, "modules": list(self.code.modules)},
            "runs": entries,
        }


def open_card(question: str, *, dataset: Dataset, profile: Profile, book: Path | None = None) -> Card:
    """The card that a chapter adds its runs to.

    At full scale on real data it is the file ``book/results/<question>.json`` with the runs that this very
    code made on this very data; otherwise it is empty and stays in memory.

    Raises
    ------
    CardError
        If that file is not a card.
    LookupError
        If the question has no chapter with an experiment, at full scale on real data.
    """
    data = DataUsed.of(dataset)
    card = Card(question=question, scale=profile.name, data=data, device=profile.device)
    if profile.name != "full" or dataset.origin != "real":
        return card
    card.recorded_in = _path(question, book)
    card.code = code_of(question, book=book)
    recorded = load_card(question, book=book)
    same_code = recorded.code is not None and recorded.code.sha256 == card.code.sha256
    if same_code and recorded.data is not None and recorded.data.sha256 == data.sha256:
        card.runs = recorded.runs
    else:
        card.outdated = len(recorded.runs)
    return card


def load_card(question: str, *, book: Path | None = None) -> Card:
    """The recorded card of a question; one without runs where nothing is recorded yet.

    Raises
    ------
    CardError
        If the file is not a card, or is the card of another question.
    """
    path = _path(question, book)
    if not path.is_file():
        return Card(question=question, scale="full")
    document = read_card(path)
    if document["question"] != question:
        raise CardError(f"{path} holds the card of {document['question']}; rename it, or run its chapter")
    return Card(
        question=question,
        scale=document["scale"],
        data=DataUsed(**document["data"]),
        code=Code(document["code"]["sha256"], tuple(document["code"]["modules"])),
        runs=[Run(**({"confusion": None} | entry)) for entry in document["runs"]],
    )


def _path(question: str, book: Path | None) -> Path:
    return (book or find_book()) / "results" / f"{question}.json"

"""What a sweep runs: configurations × seeds as a list of tasks, checked before the first one starts."""

import operator
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

#: Columns of a sweep's table, so neither settings nor metrics may be called that.
RESERVED = ("configuration", "seed", "error")


@dataclass(frozen=True)
class Task:
    """One run to be made: ``experiment(seed=seed, **settings)`` under the name of its configuration."""

    configuration: str
    settings: dict[str, Any]
    seed: int

    def __str__(self) -> str:
        return f"configuration {self.configuration!r}, seed {self.seed}"


def grid(configurations: Mapping[str, Mapping[str, Any]], seeds: Iterable[int]) -> list[Task]:
    """Every configuration with every seed: the first configuration with all seeds, then the second.

    Settings come out as JSON would give them back (tuples as lists), so that a run sees the same values
    whether it is made here, in another process or after its record was read.

    Raises
    ------
    TypeError, ValueError
        If there is no configuration or no seed, a seed comes twice or is no whole number from 0 up, a
        setting is not a plain value, or has the name of a column of the table.

    Examples
    --------
    >>> for task in grid({"base": {"filters": (32, 64)}, "none": {}}, seeds=(0, 1)):
    ...     print(task, task.settings)
    configuration 'base', seed 0 {'filters': [32, 64]}
    configuration 'base', seed 1 {'filters': [32, 64]}
    configuration 'none', seed 0 {}
    configuration 'none', seed 1 {}
    """
    if not isinstance(configurations, Mapping):
        raise TypeError(
            f"configurations is a {type(configurations).__name__}; pass a mapping of names to settings, "
            "{'base': {'learning_rate': 0.1}} say"
        )
    if not configurations:
        raise ValueError("there are no configurations; pass one or more, {'base': {}} say")
    settings = {name: _settings(name, given) for name, given in configurations.items()}
    numbers = _seeds(seeds)
    return [Task(name, settings[name], seed) for name in settings for seed in numbers]


def seeds_outermost(tasks: Sequence[Task]) -> list[int]:
    """Indices of `tasks` in the order to run them: the first seed of every configuration, then the second.

    So a sweep that is stopped early has compared everything, with fewer seeds.

    Examples
    --------
    >>> tasks = grid({"base": {}, "wide": {}}, seeds=(3, 1))
    >>> [f"{tasks[i].configuration} {tasks[i].seed}" for i in seeds_outermost(tasks)]
    ['base 3', 'wide 3', 'base 1', 'wide 1']
    """
    place = {seed: i for i, seed in enumerate(dict.fromkeys(task.seed for task in tasks))}
    return sorted(range(len(tasks)), key=lambda index: place[tasks[index].seed])


def _seeds(seeds: Iterable[int]) -> list[int]:
    try:
        numbers = [operator.index(seed) for seed in seeds]
    except TypeError as error:
        raise TypeError(f"seeds is {seeds!r}; pass whole numbers, (0, 1, 2) say") from error
    if not numbers:
        raise ValueError("there are no seeds; pass one or more, (0, 1, 2) say")
    if len(set(numbers)) < len(numbers):
        twice = next(seed for seed in numbers if numbers.count(seed) > 1)
        raise ValueError(f"the seed {twice} comes twice; pass every seed once")
    if min(numbers) < 0:
        raise ValueError(f"the seed {min(numbers)} is negative; pass whole numbers from 0 up")
    return numbers


def _settings(name: object, given: object) -> dict[str, Any]:
    if not isinstance(name, str):
        raise TypeError(f"the configuration {name!r} is named by a {type(name).__name__}; use a string")
    if not isinstance(given, Mapping):
        raise TypeError(
            f"the settings of configuration {name!r} are a {type(given).__name__}; pass a mapping of "
            "keywords to values"
        )
    for key in given:
        if not isinstance(key, str) or not key.isidentifier():
            raise TypeError(
                f"configuration {name!r} has a setting {key!r}; settings are passed by keyword, so use names"
            )
        if key in RESERVED:
            raise ValueError(
                f"configuration {name!r} has a setting {key!r}, which is a column of the sweep's own; "
                "rename it (seeds are passed as seeds=…)"
            )
    return {
        key: _plain(value, f"the setting {key!r} of configuration {name!r}") for key, value in given.items()
    }


def _plain(value: object, what: str) -> object:
    if isinstance(value, list | tuple):
        return [_plain(item, what) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: _plain(item, what) for key, item in value.items()}
    if isinstance(value, float) and isfinite(value):
        return float(value)
    if value is None or isinstance(value, bool | int | str):
        return value
    raise TypeError(
        f"{what} is {value!r}, which is no plain value; use finite numbers, strings, booleans, None, and "
        "lists or mappings of them"
    )

"""The files at the top agree with each other: requirements, versions, the repository's address."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml

import coursekit

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]


def lines(name: str) -> list[str]:
    found = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return [line for line in found if line.strip() and not line.lstrip().startswith("#")]


def distribution(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement)[0].lower().replace("_", "-")


def test_requirements_are_those_of_the_package_and_the_book() -> None:
    assert lines("requirements.txt") == PROJECT["dependencies"] + EXTRAS["book"]


def test_requirements_are_ranges_only() -> None:
    wrong = [line for line in lines("requirements.txt") if "==" in line or line.startswith("-")]
    assert wrong == []


def test_constraints_are_exact_and_name_no_host() -> None:
    for line in lines("constraints.txt"):
        assert re.fullmatch(r"[\w.-]+==[\w.+!]+( ; .+)?", line), line


def test_constraints_are_the_same_for_every_supported_python() -> None:
    names = [distribution(line) for line in lines("constraints.txt")]
    assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize("group", ["dependencies", *EXTRAS])
def test_constraints_cover(group: str) -> None:
    wanted = PROJECT["dependencies"] if group == "dependencies" else EXTRAS[group]
    pinned = {distribution(line) for line in lines("constraints.txt")}
    assert {distribution(line) for line in wanted} - pinned == set()


def test_one_address_of_the_repository() -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    address = config["repository"]["url"]
    named = set()
    for name in ("README.md", "CITATION.cff", "pyproject.toml", "book/index.md"):
        text = (ROOT / name).read_text(encoding="utf-8")
        named |= set(re.findall(r"https://github\.com/[\w.-]+/[\w-]+", text))
    assert named <= {address}


def test_one_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == coursekit.__version__

"""The Spanish and English pairs: what the readers give, what damage is said to be, and the real files."""

import hashlib
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from coursekit.data import REGISTRY, DataError, SentencePairs, load, loading, registry, sources
from coursekit.data.characters import course_text
from coursekit.data.connected import components
from coursekit.data.spanish import course_form, read_all, read_course, read_pairs


def message(action: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        action()
    return str(caught.value)


def put(path: Path, content: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_spanish_is_the_source_and_both_are_kept_as_written(tmp_path: Path) -> None:
    path = put(tmp_path / "p.txt", "Go.\tVe.\nWho?\t¿Quién?\n I'm  3\t Tengo 3 \n")
    assert list(read_pairs(path)) == [("Ve.", "Go."), ("¿Quién?", "Who?"), (" Tengo 3 ", " I'm  3")]


def test_further_columns_are_left_out(tmp_path: Path) -> None:
    assert list(read_pairs(put(tmp_path / "p.txt", "go .\tve .\t42\nno\tno\tCC BY\tx\n"))) == [
        ("ve .", "go ."),
        ("no", "no"),
    ]


def test_a_line_ends_at_a_line_feed_alone(tmp_path: Path) -> None:
    odd = "a \u0085 b \u2028 c \x0b d \r e"
    assert list(read_pairs(put(tmp_path / "p.txt", f"{odd}\tsí\nno\t{odd}"))) == [("sí", odd), (odd, "no")]


def test_a_carriage_return_before_it_is_no_part_of_the_sentence(tmp_path: Path) -> None:
    assert list(read_pairs(put(tmp_path / "p.txt", "go\tve\r\nno\tno\r\n"))) == [("ve", "go"), ("no", "no")]


def test_file_that_is_missing_or_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "p.txt"
    assert message(lambda: read_pairs(path)) == (
        f"{path} cannot be read: No such file or directory; put the file there"
    )
    assert message(lambda: read_pairs(tmp_path)) == (
        f"{tmp_path} cannot be read: Is a directory; put the file there"
    )


def test_empty_file(tmp_path: Path) -> None:
    path = put(tmp_path / "p.txt", "")
    assert message(lambda: read_pairs(path)) == f"{path} is empty; replace the file"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("", "does not have two columns, English and Spanish"),
        ("Go. Ve.", "does not have two columns, English and Spanish"),
        ("\tVe.", "has no English sentence"),
        ("Go.\t", "has no Spanish sentence"),
        ("Go.\t \t42", "has no Spanish sentence"),
        (b"caf\xe9\tVe.", "is not UTF-8 text: invalid continuation byte"),
    ],
)
def test_bad_line_is_named_by_its_number(tmp_path: Path, line: str | bytes, said: str) -> None:
    bad = line.encode() if isinstance(line, str) else line
    path = put(tmp_path / "p.txt", b"no\tno\n" + bad + b"\nyes\tsi\n")
    assert message(lambda: read_pairs(path)) == f"{path}, line 2, {said}; replace the file"


def test_an_empty_line_at_the_end_is_one_too_many(tmp_path: Path) -> None:
    path = put(tmp_path / "p.txt", "no\tno\n\n")
    assert message(lambda: read_pairs(path)).startswith(f"{path}, line 2, does not have two columns")


def test_course_keeps_the_order_and_what_is_short(tmp_path: Path) -> None:
    lines = {
        "train": "Go.\tVe.\t42\ngo .\tve .\t42\n",
        "val": f"{'a' * 19}\tsí\t42\n{'a' * 20}\tsí\t42\nyes\t{'b' * 20}\t42\n",
        "test": "A's 18 letters!\t¡Año, 2!\t42\n",
    }
    train, validation, test = read_course(
        *(put(tmp_path / f"{part}.txt", text) for part, text in lines.items())
    )
    assert list(train) == [("ve .", "go .")] * 2, "copies are kept"
    assert list(validation) == [("si", "a" * 19)]
    assert list(test) == [(" ano !", "a s letters !")]


def test_course_file_without_a_short_pair(tmp_path: Path) -> None:
    good, bad = put(tmp_path / "g.txt", "no\tno\n"), put(tmp_path / "b.txt", f"no\t{'b' * 20}\n")
    for paths in ((bad, good, good), (good, bad, good), (good, good, bad)):
        assert message(lambda paths=paths: read_course(*paths)) == (
            f"{bad} has no pair of which both sides are shorter than 20 characters; replace the file"
        )


def many(n: int = 400) -> str:
    letters = [chr(97 + i % 26) * (1 + i // 26) for i in range(n)]
    return "".join(f"To {word}!\t¡Él {word}!\n" for word in letters)


def test_all_pairs_are_divided_and_kept_as_written(tmp_path: Path) -> None:
    path = put(tmp_path / "p.txt", many())
    parts = read_all(path)
    assert sorted(pair for part in parts for pair in part) == sorted(read_pairs(path))
    assert all(1 <= len(part) < 30 for part in parts[1:])


@pytest.mark.parametrize(
    ("content", "part"),
    [("no\tno\n", "validation"), ("".join(f"No\t{'a' * (1 + i)}\n" for i in range(30)), "validation")],
)
def test_too_few_pairs_for_three_parts(tmp_path: Path, content: str, part: str) -> None:
    path = put(tmp_path / "p.txt", content)
    assert message(lambda: read_all(path)) == f"{path} has no pair for the {part} part; replace the file"


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data folder with few pairs in both forms, and the registry that knows them."""
    records = dict(REGISTRY)
    for name in ("spa-eng-ist", "spa-eng"):
        files = []
        for number, file in enumerate(REGISTRY[name].files):
            content = (many() if name == "spa-eng" else f"go . {'a' * number}\tve .\t42\n").encode()
            put(tmp_path / file.path, content)
            files.append(replace(file, sha256=hashlib.sha256(content).hexdigest(), size=len(content)))
        records[name] = replace(REGISTRY[name], files=tuple(files))
    registered = MappingProxyType(records)
    for module in (sources, registry, loading):
        monkeypatch.setattr(module, "REGISTRY", registered)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    return tmp_path


def test_course_s_files_are_its_parts(tiny: Path) -> None:
    found = load("spa-eng-ist")
    assert (found.name, found.origin) == ("spa-eng-ist", "real")
    assert found.title == "Tatoeba, Spanish to English, the course's own 10,483 + 1,000 + 1,000 pairs"
    assert found.sha256 == loading.REGISTRY["spa-eng-ist"].sha256
    assert [list(part) for part in (found.train, found.validation, found.test)] == [
        [("ve .", "go . ")],
        [("ve .", "go . a")],
        [("ve .", "go . aa")],
    ]
    assert load("spa-eng-ist") is found, "read once"


def test_all_pairs_are_those_of_the_file(tiny: Path) -> None:
    found = load("spa-eng")
    assert (found.name, found.origin) == ("spa-eng", "real")
    assert found.title == "Tatoeba, Spanish to English, 118,964 pairs in parts that share no sentence"
    assert found.sha256 == loading.REGISTRY["spa-eng"].sha256
    for ours, read in zip(
        (found.train, found.validation, found.test), read_all(tiny / "spa-eng/spa.txt"), strict=True
    ):
        assert ours == read
    assert load("spa-eng") is found, "read once"


def test_missing_file_is_offered_nowhere(tiny: Path) -> None:
    path = tiny / "spa-eng/ist/val-eng-spa.txt"
    path.unlink()
    assert message(lambda: load("spa-eng-ist")) == (
        f"{path} is missing and offered nowhere for download; put the file there, or unset COURSEKIT_DATA to "
        "use the offline data"
    )


def shared(part: SentencePairs, among: SentencePairs) -> tuple[int, int, int]:
    """Different Spanish sentences, English ones and pairs of a part that stand in the other."""
    return (
        len(set(part.sources) & set(among.sources)),
        len(set(part.targets) & set(among.targets)),
        len(set(part) & set(among)),
    )


@pytest.fixture
def real_files(real_data: Path) -> Path:
    if not (real_data / "spa-eng/spa.txt").is_file() or not (real_data / "spa-eng/ist").is_dir():
        pytest.skip("COURSEKIT_DATA has no spa-eng/spa.txt or no spa-eng/ist")
    return real_data


def test_the_course_s_real_parts(real_files: Path) -> None:
    found = load("spa-eng-ist")
    parts = (found.train, found.validation, found.test)
    assert [len(part) for part in parts] == [10_483, 1_000, 1_000]
    assert max(len(sentence) for part in parts for pair in part for sentence in pair) == 19
    for part, name in zip(parts, ("train", "val", "test"), strict=True):
        raw = read_pairs(real_files / f"spa-eng/ist/{name}-eng-spa.txt")
        assert part == raw, "the files are prepared already, none is too long, and the order is the file's"
        assert part.map(course_text) == part
    questions = [source for source in found.train.sources if source.startswith(" ")]
    assert len(questions) > 1_000, "a blank stands where the sign before a question stood"


def test_the_course_s_real_parts_share_sentences(real_files: Path) -> None:
    found = load("spa-eng-ist")
    assert shared(found.test, found.train) == (164, 339, 10)
    assert shared(found.validation, found.train) == (170, 323, 8)
    known = set(found.train.targets)
    assert sum(target in known for target in found.test.targets) == 354


def test_all_real_pairs(real_files: Path) -> None:
    found = load("spa-eng")
    parts = (found.train, found.validation, found.test)
    assert [len(part) for part in parts] == [113_054, 2_991, 2_919]
    everything = [pair for part in parts for pair in part]
    assert len(set(everything)) == len(everything) == 118_964
    for sign in "¿¡ñáéíóúüÁÉ":
        assert any(sign in source for source, _ in everything), sign
    prepared = [part.map(lambda text: course_text(text).strip()) for part in parts]
    for one, other in ((1, 0), (2, 0), (2, 1)):
        assert shared(prepared[one], prepared[other]) == (0, 0, 0)
    lengths = [sum(map(len, part.targets)) / len(part) for part in parts]
    for first in (found.train[:3_000], *parts[1:]):
        mean = sum(map(len, first.targets)) / len(first)
        assert abs(mean - lengths[0]) < 1.5, "the first ones are a fair sample"


def test_no_real_component_is_a_giant(real_files: Path) -> None:
    pairs = read_pairs(real_files / "spa-eng/spa.txt").map(lambda text: course_text(text).strip())
    sizes = Counter(Counter(components(pairs).tolist()).values())
    assert sum(sizes.values()) == 97_698
    assert (max(sizes), sizes[1]) == (40, 83_428)
    assert sum(size * n for size, n in sizes.items() if size > 20) == 279


def test_offline_pairs_have_the_form_of_the_real_ones() -> None:
    raw = load("spa-eng")
    assert len(course_form(raw.test)) == len(raw.test)
    course = load("spa-eng-ist")
    assert course.test == course_form(raw.test)
    assert course.test.map(course_text) == course.test
    assert any(source.startswith(" ") for source in course.test.sources)

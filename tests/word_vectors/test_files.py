"""The text format: what comes back, what takes memory, and the sentence for every kind of damage."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import DataError
from coursekit.word_vectors import VectorFileError, WordVectors, files, read_vectors, write_vectors

SOUND = "the 0.5 -1\nat home 1e-3 2\n. . . 0 0.25\n7 1 2\n"


def is_number(piece: str) -> bool:
    try:
        float(piece)
    except ValueError:
        return False
    return True


WRITABLE = st.text(st.characters(exclude_characters="\n", exclude_categories=["Cs"]), min_size=1).filter(
    lambda word: " " not in word or not is_number(word.rsplit(" ", 1)[1])
)


@st.composite
def vectors(draw: st.DrawFn) -> WordVectors:
    words = draw(st.lists(WRITABLE, min_size=1, max_size=6, unique=True))
    dimension = draw(st.integers(1, 4))
    numbers = st.floats(width=32, allow_nan=False, allow_infinity=False)
    rows = draw(st.lists(st.lists(numbers, min_size=dimension, max_size=dimension), min_size=len(words),
                         max_size=len(words)))  # fmt: skip
    return WordVectors(tuple(words), torch.tensor(rows, dtype=torch.float32), "drawn")


@given(vectors())
def test_what_was_written_comes_back(tmp_path_factory, written) -> None:
    path = tmp_path_factory.mktemp("vectors") / "some.txt"
    write_vectors(path, written)
    for dimension in (None, written.dimension):
        found = read_vectors(path, dimension=dimension)
        assert found.words == written.words
        assert found.values.dtype == torch.float32 and found.values.equal(written.values)


@given(st.integers(0, 1_000), st.integers(1, 40))
def test_what_numpy_wrote_comes_back(seed, n) -> None:
    values = np.random.default_rng(seed).normal(size=(n, 3)).astype(np.float32)
    stream = io.StringIO()
    np.savetxt(stream, values, fmt=["w %.5f", "%.5f", "%.5f"])
    lines = [f"{i}{line}" for i, line in enumerate(stream.getvalue().splitlines())]
    found = read_vectors(io.StringIO("\n".join(lines)))
    assert found.words == tuple(f"{i}w" for i in range(n))
    written = [[float(f"{value:.5f}") for value in row] for row in values]
    np.testing.assert_array_equal(found.values.numpy(), np.array(written, dtype=np.float32))


@pytest.mark.parametrize("text", [SOUND, SOUND.rstrip("\n"), SOUND.replace("\n", " \r\n")])
def test_words_with_blanks_and_words_that_are_numbers(text) -> None:
    for source in (io.StringIO(text, newline=""), io.BytesIO(text.encode())):
        found = read_vectors(source, title="four", origin="offline")
        assert found.words == ("the", "at home", ". . .", "7")
        assert found.values.equal(torch.tensor([[0.5, -1], [1e-3, 2], [0, 0.25], [1, 2]]))
        assert (found.title, found.origin) == ("four", "offline")


def test_only_some_words() -> None:
    found = read_vectors(io.StringIO(SOUND), words=["7", "at home", "nowhere"])
    assert found.words == ("at home", "7") and found["7"].tolist() == [1, 2]
    none = read_vectors(io.StringIO(SOUND), words=[])
    assert len(none) == 0 and none.dimension == 2


def test_memory_is_that_of_what_is_kept() -> None:
    n, dimension = 4_000, 50
    numbers = " ".join(["0.125"] * dimension)

    class Stream:
        def __iter__(self):
            return (f"word{i} {numbers}\n".encode() for i in range(n))

    def peak(**options) -> tuple[int, int]:
        tracemalloc.start()
        found = read_vectors(Stream(), **options)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return len(found), most

    kept, little = peak(words={"word3", "word3999"})
    assert kept == 2 and little < 100_000
    kept, whole = peak()
    assert kept == n and whole > n * dimension * 4


def test_the_title_is_the_name_by_default(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text(SOUND, encoding="utf-8")
    assert read_vectors(path).title == str(path) and read_vectors(str(path)).title == str(path)
    assert read_vectors(io.StringIO(SOUND)).title == "the stream"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (b"a 1 2\nb 1\n", "line 2, has fewer than 2 numbers after its word"),
        (b"a 1 2\nb\n", "line 2, has fewer than 2 numbers after its word"),
        (b"a 1 2\nb 1 2 3\n", "line 2, has more than 2 numbers after its word"),
        (b"a 1 2\nb c 1\n", "line 2, has 'c' where a number should be"),
        (b"a 1 2\nb 1 2,5\n", "line 2, has '2,5' where a number should be"),
        (b"a 1 2\nb 1  2\n", "line 2, has more than 2 numbers after its word"),
        (b"a 1 2\nb c  2\n", "line 2, has '' where a number should be"),
        (b"a 1 2\nb\t1\t2\n", "line 2, has fewer than 2 numbers after its word"),
        (b"a 1 2\nb nan 2\n", "line 2, has 'nan', which is no finite float32"),
        (b"a 1 2\nb 1 -inf\n", "line 2, has '-inf', which is no finite float32"),
        (b"a 1 2\nb 1 4e38\n", "line 2, has '4e38', which is no finite float32"),
        (b"a 1 2\n\nb 1 2\n", "line 2, is empty"),
        (b"a 1 2\n   \n", "line 2, is empty"),
        (b"a 1 2\n 1 2\n", "line 2, has no word before its numbers"),
        (b"a 1 2\nb 1 2\na 3 4\n", "line 3, has the word 'a' of line 1 again"),
        (b"a 1 2\nb\xff 1 2\n", "line 2, is not UTF-8 text (invalid start byte)"),
        (b"a\n", "line 1, has fewer than 1 numbers after its word"),
        (b"a b\n", "line 1, has 'b' where a number should be"),
        (b"\n", "line 1, is empty"),
    ],
)
def test_a_wrong_line(tmp_path: Path, text, problem) -> None:
    path = tmp_path / "some.txt"
    path.write_bytes(text)
    for source, name in ((path, str(path)), (io.BytesIO(text), "the stream")):
        with pytest.raises(VectorFileError) as caught:
            read_vectors(source)
        assert str(caught.value) == f"{name}, {problem}; correct the line or replace the file"
    assert isinstance(caught.value, DataError)


@pytest.mark.parametrize(("dimension", "side"), [(3, "fewer"), (1, "more")])
def test_another_dimension_than_was_asked_for(dimension, side) -> None:
    with pytest.raises(VectorFileError, match=f"line 1, has {side} than {dimension} numbers after its word"):
        read_vectors(io.StringIO("a 1 2\n"), dimension=dimension)


def test_a_line_that_is_not_kept_still_has_the_right_length() -> None:
    with pytest.raises(VectorFileError, match="line 2, has more than 2 numbers"):
        read_vectors(io.StringIO("a 1 2\nb 1 2 3\n"), words={"a"})


def test_nothing_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "empty.txt"
    path.touch()
    for source, name in ((path, str(path)), (io.BytesIO(), "the stream")):
        with pytest.raises(VectorFileError) as caught:
            read_vectors(source)
        assert str(caught.value) == f"{name} holds no vector; replace the file"


def test_no_file(tmp_path: Path) -> None:
    path = tmp_path / "none.txt"
    with pytest.raises(VectorFileError) as caught:
        read_vectors(path)
    assert str(caught.value) == f"{path} cannot be read: No such file or directory; put the file there"
    with pytest.raises(VectorFileError, match=r"cannot be read: Is a directory"):
        read_vectors(tmp_path)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    path = tmp_path / "vectors.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("two.txt", SOUND)
        opened.writestr("one.txt", "a 1\n")
    return path


def test_a_member_of_an_archive(archive: Path) -> None:
    found = read_vectors(archive, member="two.txt", dimension=2)
    assert found.words == ("the", "at home", ". . .", "7") and found.title == f"two.txt in {archive}"
    assert sorted(path.name for path in archive.parent.iterdir()) == ["vectors.zip"]


def test_a_member_that_is_not_there(archive: Path) -> None:
    with pytest.raises(VectorFileError) as caught:
        read_vectors(archive, member="three.txt")
    assert str(caught.value) == f"{archive} has no member 'three.txt'; it holds two.txt, one.txt"


def test_a_wrong_line_of_a_member(archive: Path) -> None:
    with pytest.raises(VectorFileError) as caught:
        read_vectors(archive, member="two.txt", dimension=3)
    assert str(caught.value).startswith(f"two.txt in {archive}, line 1, has fewer than 3 numbers")


def test_an_archive_without_the_name_of_a_member(archive: Path) -> None:
    with pytest.raises(VectorFileError) as caught:
        read_vectors(archive)
    assert str(caught.value) == f"{archive} is a .zip; name one of its files as `member`"


@pytest.mark.parametrize("damage", ["cut", "changed"])
def test_a_damaged_archive(archive: Path, damage) -> None:
    content = bytearray(archive.read_bytes())
    if damage == "cut":
        del content[40:]
    else:
        content[45] ^= 0xFF
    archive.write_bytes(content)
    with pytest.raises(VectorFileError, match=r"is damaged: zip reports '.+'; replace the file$"):
        read_vectors(archive, member="two.txt")


def test_a_member_of_a_stream() -> None:
    with pytest.raises(VectorFileError, match=r"^the member 'a' of a stream was asked for; pass the path"):
        read_vectors(io.StringIO(SOUND), member="a")


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("", "is empty"),
        ("two\nlines", "has a line break"),
        ("chapter 7", "ends in a blank and a number"),
        ("half\udc80", "is not valid text"),
    ],
)
def test_a_word_that_cannot_stand_in_a_file(tmp_path: Path, word, reason) -> None:
    path = tmp_path / "some.txt"
    path.write_text("as it was", encoding="utf-8")
    with pytest.raises(VectorFileError) as caught:
        write_vectors(path, WordVectors(("sound", word), torch.zeros(2, 1), "two"))
    assert str(caught.value) == f"{path} cannot hold the word {word!r}, which {reason}; leave that word out"
    assert [(p.name, p.read_text(encoding="utf-8")) for p in tmp_path.iterdir()] == [
        ("some.txt", "as it was")
    ]


def test_the_old_file_stays_until_the_new_one_is_whole(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "some.txt"
    path.write_text("as it was", encoding="utf-8")

    def broken(_):
        yield "the 1\n"
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "_lines", broken)
    with pytest.raises(VectorFileError) as caught:
        write_vectors(path, WordVectors(("the",), torch.ones(1, 1), "one"))
    assert str(caught.value) == f"{path} cannot be written: No space left on device; choose another place"
    assert [(p.name, p.read_text(encoding="utf-8")) for p in tmp_path.iterdir()] == [
        ("some.txt", "as it was")
    ]


def test_a_new_file_is_in_place_of_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text("as it was", encoding="utf-8")
    write_vectors(path, WordVectors(("the", "at home"), torch.tensor([[1.0, 0.1], [-2.5, 1e-8]]), "two"))
    assert path.read_text(encoding="utf-8") == "the 1 0.100000001\nat home -2.5 9.99999994e-09\n"
    assert [p.name for p in tmp_path.iterdir()] == ["some.txt"]
    beside = tmp_path / "beside.txt"
    beside.touch()
    assert path.stat().st_mode == beside.stat().st_mode


def test_no_folder_to_write_into(tmp_path: Path) -> None:
    path = tmp_path / "none" / "some.txt"
    with pytest.raises(VectorFileError) as caught:
        write_vectors(path, WordVectors(("the",), torch.ones(1, 1), "one"))
    assert str(caught.value) == f"{path} cannot be written: No such file or directory; choose another place"

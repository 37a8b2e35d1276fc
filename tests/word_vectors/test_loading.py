"""Published vectors by name: the part at hand, the whole archive, the offline stand-in, what there is not."""

import hashlib
import io
import zipfile
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import torch

from coursekit.data import DataError, load, registry, sources
from coursekit.data.sources import REGISTRY, RemoteFile
from coursekit.data.words import tokenize
from coursekit.word_vectors import VectorFileError, load_vectors, loading, review_vectors

TOP = "glove/glove.6B.100d.top2717.txt"


def lines(dimension: int) -> str:
    return "".join(
        f"{word} {' '.join([number] * dimension)}\n" for word, number in (("the", "1"), ("at", "2"))
    )


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a file with this content in the place of a data set's own."""

    def write(name: str, content: bytes) -> Path:
        known = registry.REGISTRY[name]
        path = known.files[0].path
        file = RemoteFile(path, hashlib.sha256(content).hexdigest(), len(content), ())
        registered = MappingProxyType({**registry.REGISTRY, name: replace(known, files=(file,))})
        for module in (registry, sources, loading):
            monkeypatch.setattr(module, "REGISTRY", registered)
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_bytes(content)
        monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
        return tmp_path / path

    return write


def archive(*dimensions: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for dimension in dimensions:
            opened.writestr(f"glove.6B.{dimension}d.txt", lines(dimension))
    return stream.getvalue()


@pytest.mark.parametrize("dimension", [50, 100, 200, 300])
def test_the_archive(put, dimension) -> None:
    put("glove.6b", archive(50, 100, 200, 300))
    found = load_vectors("glove.6b", dimension=dimension)
    assert found.words == ("the", "at") and found["at"].equal(torch.full((dimension,), 2.0))
    assert found.title == REGISTRY["glove.6b"].title and found.origin == "real"
    assert load_vectors("glove.6b", dimension=dimension, words={"at", "nowhere"}).words == ("at",)


def test_the_part_where_there_is_no_archive(put) -> None:
    put("glove.6b-top", lines(100).encode())
    for name in ("glove.6b", "glove.6b-top"):
        found = load_vectors(name, words=["the"])
        assert found.words == ("the",) and found.dimension == 100
        assert found.title == REGISTRY["glove.6b-top"].title and found.origin == "real"


def test_the_archive_where_there_are_both(put) -> None:
    put("glove.6b-top", lines(100).encode())
    put("glove.6b", archive(50, 100))
    assert load_vectors().title == REGISTRY["glove.6b"].title
    assert load_vectors("glove.6b-top").title == REGISTRY["glove.6b-top"].title


def test_an_archive_without_the_member(put) -> None:
    path = put("glove.6b", archive(50))
    with pytest.raises(VectorFileError) as caught:
        load_vectors("glove.6b")
    assert str(caught.value) == f"{path} has no member 'glove.6B.100d.txt'; it holds glove.6B.50d.txt"


def test_a_file_with_another_digest(put) -> None:
    path = put("glove.6b-top", lines(100).encode())
    path.write_bytes(path.read_bytes().replace(b"the", b"two"))
    with pytest.raises(DataError, match=r"has the sha256 .+ replace the file"):
        load_vectors("glove.6b-top")


def test_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"glove\.6B\.zip is missing; set COURSEKIT_DOWNLOAD=1 to fetch it"):
        load_vectors()


def test_offline() -> None:
    found = load_vectors(dimension=50)
    assert found.origin == "offline" and found.dimension == 50 and len(found) > 300
    assert found.title == (
        "vectors of 50 numbers from 1,000 made-up reviews, the offline stand-in for GloVe 6B"
    )
    assert "movie" in [word for word, _ in found.neighbours("film", 10)]
    some = load_vectors(dimension=50, words={"film", "nowhere"})
    assert some.words == ("film",) and some["film"].equal(found["film"])


def test_the_stand_in_is_not_taken_for_our_own_of_the_same_settings(forget, monkeypatch) -> None:
    forget()
    monkeypatch.setattr(loading, "_STAND_IN_TEXTS", 50)
    stand_in = load_vectors(dimension=50)
    made_up = load("imdb")
    nothing = made_up.train[:0]
    texts = replace(made_up, train=nothing, test=nothing, unlabelled=made_up.unlabelled[:100])
    own = review_vectors(texts, words=tokenize, outside=0, dimension=50, seed=1)
    assert own.words != stand_in.words


@pytest.mark.parametrize(
    ("name", "dimension", "message"),
    [
        ("glove.42b", 100, "there are no word vectors 'glove.42b'; known: glove.6b, glove.6b-top"),
        ("imdb", 100, "there are no word vectors 'imdb'; known: glove.6b, glove.6b-top"),
        ("glove.6b", 60, "'glove.6b' has vectors of 50, 100, 200 or 300 numbers, not of 60"),
        ("glove.6b-top", 50, "'glove.6b-top' has vectors of 100 numbers, not of 50"),
    ],
)
def test_what_there_is_not(name, dimension, message) -> None:
    with pytest.raises(DataError) as caught:
        load_vectors(name, dimension=dimension)
    assert str(caught.value) == message


def test_the_part_has_one_dimension_only(put) -> None:
    put("glove.6b-top", lines(100).encode())
    with pytest.raises(DataError, match=r"^'glove\.6b-top' has vectors of 100 numbers, not of 50$"):
        load_vectors("glove.6b", dimension=50)


def test_real_vectors_know_what_is_alike(real_data: Path) -> None:
    if not (real_data / TOP).is_file():
        pytest.skip(f"{TOP} is not in the folder of real data")
    found = load_vectors("glove.6b-top")
    assert (len(found), found.dimension) == (2_717, 100)
    assert found.words[:5] == ("the", ",", ".", "of", "to")
    for word, alike in (("france", "germany"), ("two", "three"), ("film", "movie"), ("good", "better")):
        assert alike in [neighbour for neighbour, _ in found.neighbours(word, 5)]
    assert found.analogy("france", "french", "germany", 1)[0][0] == "german"
    some = load_vectors("glove.6b-top", words={"film", "the", "hitchcock"})
    assert some.words == ("the", "film") and some["film"].equal(found["film"])

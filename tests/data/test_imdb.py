"""The two forms of the reviews: what they give, that they give the same, and what damage is said to be."""

import gzip
import hashlib
import io
import lzma
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from coursekit.data import REGISTRY, DataError, load, loading, registry, sources
from coursekit.data.imdb import CLASSES, Review, parts, read_archive, read_table

HEADER = "split\tlabel\tid\trating\ttext\n"
TEXTS = {
    "train/neg/0_3.txt": "Dull.<br /><br />Not for me",
    "train/neg/1_1.txt": "a\ttab and \t\ttwo more",
    "train/neg/10_2.txt": "next line \u0085 and \u2028 and \x0b are no ends of lines",
    "train/pos/0_9.txt": "A \"quoted\" text, with 'signs' &amp; trailing blanks  ",
    "train/pos/3_10.txt": "Très bien 👍 好",
    "test/neg/0_2.txt": "\tbegins with a tab",
    "test/pos/7_8.txt": "Fine.",
    "test/pos/8_7.txt": "Fine.",
}
UNLABELLED = {"train/unsup/0_0.txt": "Who knows?", "train/unsup/1_0.txt": "Nobody says."}


def table(texts: dict[str, str]) -> bytes:
    lines = [HEADER]
    for member, text in texts.items():
        part, label, name = member.split("/")
        index, rating = name.removesuffix(".txt").split("_")
        lines.append(f"{part}\t{label}\t{index}\t{rating}\t{text}\n")
    return lzma.compress("".join(lines).encode())


def archive(contents: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        folder = tarfile.TarInfo("aclImdb/train/pos")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name, content in contents.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return packed.getvalue()


def whole_archive() -> bytes:
    beside = {
        "aclImdb/README": b"read me",
        "aclImdb/imdb.vocab": b"the\nand",
        "aclImdb/train/labeledBow.feat": b"9 0:9",
        "aclImdb/train/urls_pos.txt": b"http://127.0.0.1/usercomments",
        "aclImdb/train/pos/notes.txt": b"no review",
        "elsewhere/aclImdb/train/pos/5_9.txt": b"nor this",
    }
    reviews = {f"aclImdb/{member}": text.encode() for member, text in {**TEXTS, **UNLABELLED}.items()}
    return archive(beside | reviews)


def message(action: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        action()
    return str(caught.value)


def put(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def test_both_forms_give_every_review_to_the_letter(tmp_path: Path) -> None:
    listed = list(read_table(put(tmp_path / "t.xz", table(TEXTS))))
    packed = list(read_archive(put(tmp_path / "a.tar.gz", whole_archive())))
    assert listed == [Review(member, text) for member, text in TEXTS.items()]
    assert packed == [Review(member, text) for member, text in {**TEXTS, **UNLABELLED}.items()]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "t.xz"], "nothing is unpacked"


def test_both_forms_give_the_same_parts(tmp_path: Path) -> None:
    train, test, unlabelled = parts(read_table(put(tmp_path / "t.xz", table(TEXTS))))
    train2, test2, unlabelled2 = parts(read_archive(put(tmp_path / "a.tar.gz", whole_archive())))
    for ours, theirs in ((train, train2), (test, test2)):
        assert ours.texts == theirs.texts
        assert torch.equal(ours.labels, theirs.labels)
    assert unlabelled == ()
    assert sorted(unlabelled2) == sorted(UNLABELLED.values())


def test_a_line_ends_at_a_line_feed_alone(tmp_path: Path) -> None:
    texts = {"train/pos/0_9.txt": "cr \r and \x1c and \x85 and ff \x0c"}
    assert [review.text for review in read_table(put(tmp_path / "t.xz", table(texts)))] == list(
        texts.values()
    )


def test_parts_are_in_the_order_of_the_names_digests() -> None:
    reviews = [Review(member, text) for member, text in TEXTS.items()]
    train, test, _ = parts(reviews)
    for part, found in (("train", train), ("test", test)):
        names = sorted(
            (name for name in TEXTS if name.startswith(part)),
            key=lambda name: hashlib.sha256(name.encode()).hexdigest(),
        )
        assert found.texts == tuple(TEXTS[name] for name in names)
        assert found.labels.tolist() == [CLASSES.index("positive") if "/pos/" in n else 0 for n in names]


@given(order=st.permutations([*TEXTS, *UNLABELLED]))
def test_parts_do_not_depend_on_the_order_of_the_files(order: list[str]) -> None:
    texts = TEXTS | UNLABELLED
    found = parts(Review(member, texts[member]) for member in order)
    expected = parts(Review(member, text) for member, text in texts.items())
    assert [part.texts for part in found[:2]] == [part.texts for part in expected[:2]]
    assert found[2] == expected[2]


@pytest.mark.parametrize(("missing", "said"), [("train", "training"), ("test", "test")])
def test_part_without_reviews(missing: str, said: str) -> None:
    left = [Review(member, "") for member in {**TEXTS, **UNLABELLED} if not member.startswith(f"{missing}/")]
    unlabelled = [Review("train/unsup/0_0.txt", "")]
    assert message(lambda: parts(left + unlabelled)) == (
        f"there is no {said} review in the files of 'imdb'; replace them"
    )


def test_table_that_is_missing_or_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "t.xz"
    assert message(lambda: list(read_table(path))) == (
        f"{path} cannot be read: No such file or directory; put the file there"
    )
    assert message(lambda: list(read_table(tmp_path))) == (
        f"{tmp_path} cannot be read: Is a directory; put the file there"
    )


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda good: b"", "Compressed file ended before the end-of-stream marker was reached"),
        (lambda good: good[:-1], "Compressed file ended before the end-of-stream marker was reached"),
        (
            lambda good: good[: len(good) // 2],
            "Compressed file ended before the end-of-stream marker was reached",
        ),
        (lambda good: b"plain text", "Input format not supported by decoder"),
        (lambda good: good[:40] + b"\xff" + good[41:], "Corrupt input data"),
    ],
)
def test_damaged_table(tmp_path: Path, damage: Callable[[bytes], bytes], said: str) -> None:
    path = put(tmp_path / "t.xz", damage(table(TEXTS)))
    assert message(lambda: list(read_table(path))) == (
        f"{path} is damaged: xz reports '{said}'; replace the file"
    )


@pytest.mark.parametrize(
    "header", ["text\n", "split,label,id,rating,text\n", HEADER[:-1] + "\r\n", "\ufeff" + HEADER, "\n"]
)
def test_table_with_another_header(tmp_path: Path, header: str) -> None:
    path = put(tmp_path / "t.xz", lzma.compress(header.encode()))
    assert message(lambda: list(read_table(path))) == (
        f"{path}, line 1, does not have the header split, label, id, rating, text; replace the file"
    )


KINDS = "train or test, neg or pos, and two numbers"


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("", "five columns"),
        ("train\tpos\t1\t9", "five columns"),
        ("dev\tpos\t1\t9\ttext", KINDS),
        ("train\tgood\t1\t9\ttext", KINDS),
        ("train\tpos\tone\t9\ttext", KINDS),
        ("train\tpos\t1\t\ttext", KINDS),
        ("train\tpos\t1_2\t3\ttext", KINDS),
        ("../train\tpos\t1\t3\ttext", KINDS),
    ],
)
def test_bad_line_is_named_by_its_number(tmp_path: Path, line: str, wanted: str) -> None:
    content = HEADER + "train\tpos\t0\t9\tfine\n" + line + "\ntrain\tpos\t2\t9\tfine\n"
    path = put(tmp_path / "t.xz", lzma.compress(content.encode()))
    assert message(lambda: list(read_table(path))) == (
        f"{path}, line 3, does not have {wanted}; replace the file"
    )


def test_table_that_is_not_utf_8(tmp_path: Path) -> None:
    path = put(tmp_path / "t.xz", lzma.compress(HEADER.encode() + b"train\tpos\t0\t9\tcaf\xe9\n"))
    assert message(lambda: list(read_table(path))) == (
        f"{path} is not UTF-8 text: invalid continuation byte; replace the file"
    )


def test_archive_that_is_missing_or_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "a.tar.gz"
    assert message(lambda: list(read_archive(path))) == (
        f"{path} cannot be read: No such file or directory; put the file there"
    )
    assert message(lambda: list(read_archive(tmp_path))) == (
        f"{tmp_path} cannot be read: Is a directory; put the file there"
    )


def test_archive_with_a_review_that_is_not_utf_8(tmp_path: Path) -> None:
    path = put(tmp_path / "a.tar.gz", archive({"aclImdb/train/pos/0_9.txt": b"caf\xe9"}))
    assert message(lambda: list(read_archive(path))) == (
        f"{path} holds a review that is not UTF-8 text; replace the file"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "empty file"),
        (b"plain text", "Not a gzipped file (b'pl')"),
        (gzip.compress(b"no tar at all" * 100, mtime=0), "invalid header"),
    ],
)
def test_file_that_is_no_archive(tmp_path: Path, content: bytes, said: str) -> None:
    path = put(tmp_path / "a.tar.gz", content)
    assert message(lambda: list(read_archive(path))) == (
        f"{path} is damaged: tarfile reports '{said}'; replace the file"
    )


def test_no_cut_goes_unnoticed(tmp_path: Path) -> None:
    whole = whole_archive()
    path = tmp_path / "a.tar.gz"
    for size in range(0, len(whole), 7):
        put(path, whole[:size])
        assert message(lambda: list(read_archive(path))).startswith(f"{path} is damaged: tarfile reports '")


def test_no_flipped_bit_goes_unnoticed(tmp_path: Path) -> None:
    whole = bytearray(whole_archive())
    path = tmp_path / "a.tar.gz"
    expected = list(read_archive(put(path, whole)))
    # The first ten bytes are gzip's header, with a time and flags that nothing depends on.
    for place in range(10, len(whole), 5):
        whole[place] ^= 0x10
        put(path, whole)
        try:
            assert list(read_archive(path)) == expected
        except DataError as error:
            assert str(error).startswith(
                (f"{path} is damaged: tarfile", f"{path} holds a review that is not")
            )
        whole[place] ^= 0x10


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A data folder with both forms of ten reviews, and the registry that knows them."""
    contents = {"imdb": whole_archive(), "imdb-labelled": table(TEXTS)}
    (tmp_path / "aclImdb").mkdir()
    records = dict(REGISTRY)
    for name, content in contents.items():
        file = REGISTRY[name].files[0]
        put(tmp_path / file.path, content)
        digest = hashlib.sha256(content).hexdigest()
        records[name] = replace(REGISTRY[name], files=(replace(file, sha256=digest, size=len(content)),))
    registered = MappingProxyType(records)
    for module in (sources, registry, loading):
        monkeypatch.setattr(module, "REGISTRY", registered)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    return tmp_path


def test_archive_is_loaded_where_it_is(tiny: Path) -> None:
    imdb = load("imdb")
    assert (imdb.name, imdb.origin, imdb.classes) == ("imdb", "real", CLASSES)
    assert imdb.title == "Large Movie Review Dataset, 25,000 + 25,000 reviews and 50,000 unlabelled ones"
    assert imdb.sha256 == loading.REGISTRY["imdb"].sha256
    assert (len(imdb.train), len(imdb.test), len(imdb.unlabelled)) == (5, 3, 2)


def test_table_steps_in_where_the_archive_is_not(tiny: Path) -> None:
    whole = load("imdb")
    (tiny / "aclImdb_v1.tar.gz").unlink()
    imdb, asked = load("imdb"), load("imdb-labelled")
    assert imdb.name == asked.name == "imdb-labelled"
    assert imdb.title == "Large Movie Review Dataset, 25,000 + 25,000 reviews (without the unlabelled ones)"
    assert imdb.sha256 == loading.REGISTRY["imdb-labelled"].sha256 != whole.sha256
    assert (imdb.train.texts, imdb.test.texts) == (whole.train.texts, whole.test.texts)
    assert imdb.unlabelled == ()


def test_damaged_archive_is_no_reason_to_take_the_table(tiny: Path) -> None:
    put(tiny / "aclImdb_v1.tar.gz", b"damaged")
    assert "aclImdb_v1.tar.gz has 7 bytes instead of" in message(lambda: load("imdb"))


def test_the_real_reviews(real_data: Path) -> None:
    imdb = load("imdb")
    assert (imdb.origin, imdb.classes) == ("real", ("negative", "positive"))
    assert (len(imdb.train), len(imdb.test)) == (25_000, 25_000)
    assert len(imdb.unlabelled) == (50_000 if imdb.name == "imdb" else 0)
    for part in (imdb.train, imdb.test):
        assert part.labels.bincount().tolist() == [12_500, 12_500]
        assert all(part.texts)
        for first in (1_000, 4_000, 10_000):
            share = part.labels[:first].double().mean().item()
            assert abs(share - 0.5) < 2 / first**0.5, "the first ones are a fair sample"
    texts = imdb.train.texts + imdb.test.texts
    assert len(set(imdb.train.texts) & set(imdb.test.texts)) == 123
    assert len(set(texts)) == 49_582
    assert sum("\t" in text for text in texts) == 27
    assert any("\u0085" in text for text in texts)
    assert not any("\n" in text for text in texts)
    assert sum("<br />" in text for text in texts) > 25_000

"""The registry's records, the two switches, and what is said about files that are not what they should be."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from coursekit.data import REGISTRY, DataError, loading
from coursekit.data.registry import (
    available,
    cache_folders,
    data_folder,
    fetch,
    find_source,
    locate,
    may_download,
    verify,
)
from coursekit.word_vectors import loading as word_vectors


def message(action: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        action()
    return str(caught.value)


#: Data sets that are published on one host alone, which is asked by http and by https.
ON_ONE_HOST = {"kmnist", "kmnist-part", "cifar-10", "imdb"}
#: Data sets that nobody publishes in these files.
NOT_OFFERED = {"cifar-10-jpeg", "imdb-labelled", "glove.6b-top", "spa-eng-ist", "spa-eng"}
#: Word vectors, which have a loader of their own.
VECTORS = {"glove.6b", "glove.6b-top"}


@pytest.mark.parametrize("name", REGISTRY)
def test_record_is_complete(name: str) -> None:
    source = REGISTRY[name]
    assert source.name == name
    assert all((source.title, source.licence, source.citation))
    assert urlsplit(source.homepage).scheme == "https"
    assert source.size == sum(file.size for file in source.files) > 0
    for file in source.files:
        assert len(bytes.fromhex(file.sha256)) == 32
        assert not Path(file.path).is_absolute()
        assert bool(file.urls) is (name not in NOT_OFFERED)
        if not file.urls:
            continue
        hosts = {urlsplit(url).netloc for url in file.urls}
        assert len(set(file.urls)) > 1
        assert (len(hosts) == 1) is (name in ON_ONE_HOST), "mirrors on more than one host"
        assert all(url.endswith("/" + Path(file.path).name) for url in file.urls)


def test_every_registered_data_set_can_be_loaded() -> None:
    assert set(loading._LOADERS) | VECTORS == set(REGISTRY)
    assert set(word_vectors._NAMES) == VECTORS


def test_digest_of_a_source_is_that_of_its_paths_and_digests(toys) -> None:
    lines = [f"{path} {hashlib.sha256(content).hexdigest()}\n" for path, content in toys.contents.items()]
    assert toys.source.sha256 == hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


def test_unknown_name_lists_the_known_and_suggests_the_nearest() -> None:
    known = ", ".join(REGISTRY)
    assert message(lambda: find_source("fashion_mnist")) == (
        f"there is no data set 'fashion_mnist'; did you mean 'fashion-mnist'? known: {known}"
    )
    assert message(lambda: find_source("xyz")) == f"there is no data set 'xyz'; known: {known}"
    for action in (locate, verify, fetch):
        assert "did you mean 'fashion-mnist'?" in message(lambda action=action: action("Fashion-MNIST2"))


@pytest.mark.parametrize("value", [None, ""])
def test_no_data_folder_means_offline(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    if value is not None:
        monkeypatch.setenv("COURSEKIT_DATA", value)
    assert data_folder() is None
    assert locate("fashion-mnist") is None


def test_data_folder_that_does_not_exist(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "absent"))
    assert message(data_folder) == (
        f"COURSEKIT_DATA names '{tmp_path / 'absent'}', which does not exist; create that folder, or unset "
        "COURSEKIT_DATA to use the offline data"
    )


def test_data_folder_that_is_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "data").touch()
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path / "data"))
    assert message(data_folder) == (
        f"COURSEKIT_DATA names '{tmp_path / 'data'}', which is a file; name the folder that holds the "
        "data sets"
    )


@pytest.mark.parametrize(("value", "expected"), [(None, False), ("", False), ("0", False), ("1", True)])
def test_download_switch(monkeypatch: pytest.MonkeyPatch, value: str | None, expected: bool) -> None:
    if value is not None:
        monkeypatch.setenv("COURSEKIT_DOWNLOAD", value)
    assert may_download() is expected


def test_download_switch_with_another_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COURSEKIT_DOWNLOAD", "yes")
    expected = "COURSEKIT_DOWNLOAD is 'yes'; set it to 1 to fetch missing data, or unset it"
    assert message(may_download) == expected
    assert message(lambda: locate("fashion-mnist")) == expected


@pytest.mark.parametrize(("verb", "action"), [("verify", verify), ("fetch", fetch), ("download", locate)])
def test_work_on_files_needs_a_folder(
    monkeypatch: pytest.MonkeyPatch, verb: str, action: Callable[[str], object]
) -> None:
    monkeypatch.setenv("COURSEKIT_DOWNLOAD", "1")
    assert message(lambda: action("fashion-mnist")) == (
        f"there is no folder to {verb} 'fashion-mnist' in: COURSEKIT_DATA is not set; set it to the folder "
        "that holds (or shall hold) the data sets"
    )


def test_good_files_are_located_and_verified(toys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toys.write(tmp_path)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    assert locate("toys") == tmp_path
    assert [(status.path, status.state, status.size) for status in verify("toys")] == [
        (tmp_path / path, "ok", len(content)) for path, content in toys.contents.items()
    ]
    assert fetch("toys") == [tmp_path / path for path in toys.contents], "good files are not fetched again"


def test_missing_file(toys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toys.write(tmp_path)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    path = tmp_path / "toys/labels.gz"
    path.unlink()
    assert [(status.state, status.size is None) for status in verify("toys")] == [
        ("ok", False),
        ("missing", True),
    ]
    assert message(lambda: locate("toys")) == (
        f"{path} is missing; set COURSEKIT_DOWNLOAD=1 to fetch it, or unset COURSEKIT_DATA to use the "
        "offline data"
    )


def test_wrong_size(toys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toys.write(tmp_path)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    path, size = tmp_path / "toys/images.gz", len(toys.contents["toys/images.gz"])
    path.write_bytes(toys.contents["toys/images.gz"][:-3])
    assert [status.state for status in verify("toys")] == ["wrong size", "ok"]
    assert message(lambda: locate("toys")) == (
        f"{path} has {size - 3} bytes instead of {size}; delete it and fetch it again "
        "(python -m coursekit data fetch toys)"
    )


def test_wrong_checksum(toys, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    toys.write(tmp_path)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    path, good = tmp_path / "toys/images.gz", toys.contents["toys/images.gz"]
    bad = good[:-1] + bytes([good[-1] ^ 1])
    path.write_bytes(bad)
    assert [status.state for status in verify("toys")] == ["wrong checksum", "ok"]
    found, expected = (hashlib.sha256(content).hexdigest()[:12] for content in (bad, good))
    assert message(lambda: locate("toys")) == (
        f"{path} has the sha256 {found}… instead of {expected}…; delete it and fetch it again "
        "(python -m coursekit data fetch toys)"
    )


def test_kmnist_s_files_are_those_that_torchvision_fetches() -> None:
    from torchvision.datasets import KMNIST

    files = REGISTRY["kmnist"].files
    assert [Path(file.path).name for file in files] == [name for name, _ in KMNIST.resources]
    assert [file.urls[0] for file in files] == [KMNIST.mirrors[0] + name for name, _ in KMNIST.resources]


def test_real_files_of_kmnist_have_the_md5_sums_that_torchvision_names(real_data: Path) -> None:
    from torchvision.datasets import KMNIST

    raw, compared = real_data / "KMNIST" / "raw", 0
    for name, md5 in KMNIST.resources:
        if (raw / name).is_file():
            assert hashlib.md5((raw / name).read_bytes()).hexdigest() == md5
            compared += 1
    assert compared >= 2


def test_a_part_is_itself_a_record_without_parts() -> None:
    for source in REGISTRY.values():
        if source.part is not None:
            assert REGISTRY[source.part].part is None
            assert source.files[0] not in REGISTRY[source.part].files
    assert set(REGISTRY["kmnist-part"].files) < set(REGISTRY["kmnist"].files)


def test_what_load_decides_is_part_of_the_digest() -> None:
    source = REGISTRY["cifar-10-jpeg"]
    lines = sorted(f"{file.path} {file.sha256}\n" for file in source.files)
    assert source.sha256 == hashlib.sha256("".join([*lines, source.reading]).encode()).hexdigest()
    assert source.reading


def test_files_that_nobody_offers(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    path = tmp_path / "cifar-10-jpeg" / "train.tar.xz"
    missing = (
        f"{path} is missing and offered nowhere for download; put the file there, or unset COURSEKIT_DATA to "
        "use the offline data"
    )
    for action in (locate, fetch):
        assert message(lambda action=action: action("cifar-10-jpeg")) == missing
    monkeypatch.setenv("COURSEKIT_DOWNLOAD", "1")
    assert message(lambda: locate("cifar-10-jpeg")) == missing
    path.parent.mkdir()
    path.write_bytes(b"short")
    for action in (locate, fetch):
        assert message(lambda action=action: action("cifar-10-jpeg")) == (
            f"{path} has 5 bytes instead of 15,359,868; replace the file"
        )
    path.write_bytes(bytes(15_359_868))
    assert "instead of 66704497a630…; replace the file" in message(lambda: locate("cifar-10-jpeg"))


def test_cifar_s_archive_is_the_one_that_torchvision_fetches() -> None:
    from torchvision.datasets import CIFAR10

    (file,) = REGISTRY["cifar-10"].files
    assert file.path == CIFAR10.filename
    assert file.urls[0] == CIFAR10.url


def test_folders_for_decoded_images(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import pooch

    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / "user" / project)
    assert cache_folders() == (tmp_path / "user" / "coursekit",)
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    assert cache_folders() == (tmp_path / "coursekit-cache", tmp_path / "user" / "coursekit")
    monkeypatch.setenv("COURSEKIT_CACHE", str(tmp_path / "mine"))
    assert cache_folders() == (tmp_path / "mine",)
    monkeypatch.setenv("COURSEKIT_CACHE", "~/mine")
    assert cache_folders() == (Path.home() / "mine",)


def test_available_names_the_part_only_where_the_rest_is_missing(
    tiny_kmnist, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert [available(name) for name in ("kmnist", "kmnist-part")] == ["kmnist", "kmnist-part"]
    raw = tmp_path / "KMNIST" / "raw"
    (raw / "train-images-idx3-ubyte.gz").unlink()
    assert [available(name) for name in ("kmnist", "kmnist-part")] == ["kmnist-part"] * 2
    assert available("fashion-mnist") == "fashion-mnist"
    monkeypatch.setenv("COURSEKIT_DOWNLOAD", "1")
    assert available("kmnist") == "kmnist", "since the rest is fetched"
    monkeypatch.setenv("COURSEKIT_DOWNLOAD", "0")
    (raw / "t10k-images-idx3-ubyte.gz").unlink()
    assert available("kmnist") == "kmnist"
    monkeypatch.delenv("COURSEKIT_DATA")
    assert available("kmnist") == "kmnist"
    assert "there is no data set 'kmnst'; did you mean 'kmnist'?" in message(lambda: available("kmnst"))


def test_real_files_are_what_the_registry_says(real_data: Path) -> None:
    for name in map(available, REGISTRY):
        source = REGISTRY[name]
        if not source.offered and all(status.state == "missing" for status in verify(name)):
            continue
        assert [(status.path, status.state, status.size) for status in verify(name)] == [
            (real_data / file.path, "ok", file.size) for file in source.files
        ]

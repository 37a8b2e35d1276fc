"""Downloads from a server on this machine: whole, damaged, broken off, killed, without room or permission."""

import errno
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from coursekit.data import DataError
from coursekit.data.download import download
from coursekit.data.registry import fetch, locate, verify

CONTENT = bytes(range(256)) * 300
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """What is served by path, which paths break off half-way or hang there, and what was asked for."""

    url: str
    contents: dict[str, bytes] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    hanging: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.asked.append(self.path)
            content = state.contents.get(self.path)
            if content is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            half = self.path in state.broken | state.hanging
            self.wfile.write(content[: len(content) // 2] if half else content)
            self.wfile.flush()
            if self.path in state.hanging:
                state.released.wait(30)

        def log_message(self, *_: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield state
    state.released.set()
    http.shutdown()
    http.server_close()
    thread.join()


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def failure(action: Callable[[], object]) -> str:
    with pytest.raises(DataError) as caught:
        action()
    return str(caught.value)


def test_good_file_arrives_under_its_name_alone(server: Server, tmp_path: Path) -> None:
    server.contents["/a/file"] = CONTENT
    download(tmp_path / "new" / "file", urls=[f"{server.url}/a/file"], sha256=SHA256)
    assert (tmp_path / "new" / "file").read_bytes() == CONTENT
    assert files_in(tmp_path) == ["file"]


@pytest.mark.parametrize("fault", ["damaged", "broken off", "absent", "nobody there"])
def test_second_mirror_steps_in(server: Server, tmp_path: Path, fault: str) -> None:
    server.contents["/b/file"] = CONTENT
    first = f"{server.url}/a/file"
    if fault == "damaged":
        server.contents["/a/file"] = CONTENT[:-1] + b"x"
    elif fault == "broken off":
        server.contents["/a/file"] = CONTENT
        server.broken.add("/a/file")
    elif fault == "nobody there":
        first = "http://127.0.0.1:9/file"
    download(tmp_path / "file", urls=[first, f"{server.url}/b/file"], sha256=SHA256)
    assert (tmp_path / "file").read_bytes() == CONTENT
    assert files_in(tmp_path) == ["file"]
    assert server.asked == ["/a/file", "/b/file"][fault == "nobody there" :]


def test_later_mirrors_are_left_alone(server: Server, tmp_path: Path) -> None:
    server.contents |= {"/a/file": CONTENT, "/b/file": CONTENT}
    download(tmp_path / "file", urls=[f"{server.url}/a/file", f"{server.url}/b/file"], sha256=SHA256)
    assert server.asked == ["/a/file"]


def test_all_mirrors_failed_names_each_with_its_reason(server: Server, tmp_path: Path) -> None:
    damaged = CONTENT[:-1] + b"x"
    server.contents |= {"/damaged": damaged, "/broken": CONTENT}
    server.broken.add("/broken")
    urls = [
        f"{server.url}/absent",
        f"{server.url}/damaged",
        f"{server.url}/broken",
        "http://127.0.0.1:9/file",
    ]
    found = hashlib.sha256(damaged).hexdigest()
    assert failure(lambda: download(tmp_path / "file", urls=urls, sha256=SHA256)) == (
        f"file could not be fetched from any of 4 mirrors: {urls[0]} (HTTP status 404); "
        f"{urls[1]} (its sha256 is {found[:12]}… instead of {SHA256[:12]}…); "
        f"{urls[2]} (the transfer broke off); {urls[3]} (no connection); "
        f"check the network and try again, or put the file into {tmp_path} yourself"
    )
    assert files_in(tmp_path) == []


def test_failed_download_leaves_the_old_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"old")
    failure(lambda: download(tmp_path / "file", urls=[f"{server.url}/absent"], sha256=SHA256))
    assert (tmp_path / "file").read_bytes() == b"old"


@pytest.mark.skipif(os.name != "posix", reason="signals are those of POSIX")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_killed_download_leaves_nothing_and_the_next_one_works(
    server: Server, tmp_path: Path, how: signal.Signals
) -> None:
    server.contents["/file"] = CONTENT
    server.hanging.add("/file")
    program = (
        "import sys; from pathlib import Path; from coursekit.data.download import download; "
        "download(Path(sys.argv[1]), urls=[sys.argv[2]], sha256=sys.argv[3])"
    )
    arguments = [sys.executable, "-c", program, str(tmp_path / "file"), f"{server.url}/file", SHA256]
    with subprocess.Popen(arguments, stderr=subprocess.DEVNULL) as process:
        while not any(path.stat().st_size for path in tmp_path.iterdir()):
            assert process.poll() is None, "the download ended before it could be killed"
        assert not (tmp_path / "file").exists()
        process.send_signal(how)
        assert process.wait(30) != 0
    if how is signal.SIGINT:
        assert files_in(tmp_path) == [], "an interrupted download cleans up after itself"
    assert not (tmp_path / "file").exists()
    server.hanging.clear()
    download(tmp_path / "file", urls=[f"{server.url}/file"], sha256=SHA256)
    assert files_in(tmp_path) == ["file"]
    assert (tmp_path / "file").read_bytes() == CONTENT


def test_download_of_a_live_process_is_left_alone(server: Server, tmp_path: Path) -> None:
    from coursekit.data.download import temporary_name

    server.contents["/file"] = CONTENT
    other = temporary_name(tmp_path / "other")
    other.touch()
    download(tmp_path / "file", urls=[f"{server.url}/file"], sha256=SHA256)
    assert files_in(tmp_path) == sorted([other.name, "file"])
    os.utime(other, (0, 0))
    download(tmp_path / "file", urls=[f"{server.url}/file"], sha256=SHA256)
    assert files_in(tmp_path) == ["file"], "after a day nobody is writing any more"


def test_disk_that_fills_up(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from pooch import HTTPDownloader

    def full(_: object, url: str, output: str, __: object) -> None:
        Path(output).write_bytes(CONTENT[:100])
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(HTTPDownloader, "__call__", full)
    urls = [f"{server.url}/a", f"{server.url}/b"]
    assert failure(lambda: download(tmp_path / "file", urls=urls, sha256=SHA256)) == (
        f"no room on the disk of {tmp_path}: it filled up during the download; make room, or let "
        "COURSEKIT_DATA name a folder on another disk"
    )
    assert files_in(tmp_path) == []


def test_folder_without_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "touch", denied)
    assert failure(lambda: download(tmp_path / "file", urls=["http://127.0.0.1:9/"], sha256=SHA256)) == (
        f"cannot write to {tmp_path}: Permission denied; let COURSEKIT_DATA name a folder of your own"
    )


def test_file_where_a_folder_should_be(tmp_path: Path) -> None:
    (tmp_path / "toys").touch()
    assert failure(
        lambda: download(tmp_path / "toys" / "file", urls=["http://127.0.0.1:9/"], sha256=SHA256)
    ) == (f"cannot write to {tmp_path / 'toys'}: File exists; let COURSEKIT_DATA name a folder of your own")


@pytest.fixture
def served(server: Server, register: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The data set "toys", served by the server, with an empty data folder."""
    toys = register(lambda path: (f"{server.url}/{path}",))
    server.contents |= {f"/{path}": content for path, content in toys.contents.items()}
    monkeypatch.setenv("COURSEKIT_DATA", str(tmp_path))
    return toys


def test_fetch_brings_what_is_missing_or_damaged(served: Any, server: Server, tmp_path: Path) -> None:
    assert fetch("toys") == [tmp_path / path for path in served.contents]
    assert [status.state for status in verify("toys")] == ["ok", "ok"]
    server.asked.clear()
    (tmp_path / "toys/labels.gz").write_bytes(b"damaged")
    fetch("toys")
    assert server.asked == ["/toys/labels.gz"]
    assert [status.state for status in verify("toys")] == ["ok", "ok"]


def test_locate_fetches_only_where_it_may(
    served: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "is missing; set COURSEKIT_DOWNLOAD=1" in failure(lambda: locate("toys"))
    assert server.asked == []
    monkeypatch.setenv("COURSEKIT_DOWNLOAD", "1")
    assert locate("toys") == tmp_path
    assert server.asked == ["/toys/images.gz", "/toys/labels.gz"]
    locate("toys")
    assert len(server.asked) == 2, "what is there is not fetched again"


def test_no_room_is_said_before_anything_is_fetched(
    served: Any, server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Usage(NamedTuple):
        total: int
        used: int
        free: int

    size = served.source.size
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1000, 1000 - size + 1, size - 1))
    assert failure(lambda: fetch("toys")) == (
        f"no room on the disk of {tmp_path}: {size} bytes are needed, {size - 1} are free; make room, or let "
        "COURSEKIT_DATA name a folder on another disk"
    )
    assert server.asked == []
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(1000, 1000 - size, size))
    assert len(fetch("toys")) == 2

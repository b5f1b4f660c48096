"""Templates of decks that are hostile: refused in a sentence before anything large is unpacked, and nothing of theirs loads or runs."""

from __future__ import annotations

import os
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from pptx import Presentation

from segmentry.errors import DataError
from segmentry.report.slides.opening import opened_as_template

MASTER, LAYOUT, MAIN = (
    "ppt/slideMasters/slideMaster1.xml",
    "ppt/slideLayouts/slideLayout1.xml",
    "ppt/presentation.xml",
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
Change = Callable[[str, bytes], bytes]


def template(path: Path, change: Change = lambda _, data: data, **more: bytes) -> Path:
    """A usual template in which some parts are others, and some are more."""
    usual = path.with_name("usual.pptx")
    Presentation().save(str(usual))
    with zipfile.ZipFile(usual) as parts, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name in parts.namelist():
            made.writestr(name, change(name, parts.read(name)))
        for name, data in more.items():
            made.writestr(name, data)
    return path


def related(part: str, relation: str) -> Change:
    """Add a relation to a part."""
    folder, name = part.rsplit("/", 1)
    end = b"</Relationships>"
    return lambda at, data: (
        data.replace(end, relation.encode() + end) if at == f"{folder}/_rels/{name}.rels" else data
    )


def test_what_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("segmentry.report.slides.opening._MOST_BYTES", 20_000_000)
    monkeypatch.setattr("segmentry.report.slides.opening._MOST_XML", 5_000_000)
    media = template(tmp_path / "media.pptx", **{"ppt/media/image1.png": b"\0" * 30_000_000})
    end = b"</p:sldMaster>"
    blanks = template(
        tmp_path / "blanks.pptx",
        lambda name, data: data.replace(end, b" " * 6_000_000 + end) if name == MASTER else data,
    )
    for path in (media, blanks):
        with pytest.raises(DataError, match=r"[\d,]+ bytes unpack to [\d,]+, which no deck does"):
            opened_as_template(path)


@pytest.mark.parametrize(
    "size", ['cx="0" cy="0"', 'cx="-5" cy="9144000"', 'cx="9144000" cy="99999999999"', 'cx="x" cy="y"', ""]
)
def test_slides_of_no_size_are_a_damage_of_the_template(tmp_path: Path, size: str) -> None:
    def change(name: str, data: bytes) -> bytes:
        made = f"<p:sldSz {size}/>".encode() if size else b""
        return re.sub(rb"<p:sldSz[^>]*/>", made, data) if name == MAIN else data

    with pytest.raises(DataError, match=r"t\.pptx: is no PowerPoint file, or a damaged one"):
        opened_as_template(template(tmp_path / "t.pptx", change))


def test_what_every_deck_would_load_or_run_is_refused_and_a_link_is_not(tmp_path: Path) -> None:
    loaded = f'<Relationship Id="r9" Type="{OFFICE}/image" Target="http://127.0.0.1:9/t.png" TargetMode="External"/>'
    with pytest.raises(DataError, match=r"would have every deck load 'http://127\.0\.0\.1:9/t\.png'; embed"):
        opened_as_template(template(tmp_path / "loads.pptx", related(MASTER, loaded)))
    run = '<Relationship Id="r9" Type="http://schemas.microsoft.com/office/2006/relationships/vbaProject" Target="vba.xml"/>'
    with pytest.raises(DataError, match="holds macros; save it without them"):
        opened_as_template(template(tmp_path / "runs.pptx", related(MAIN, run), **{"ppt/vba.xml": b"<x/>"}))
    link = f'<Relationship Id="r9" Type="{OFFICE}/hyperlink" Target="http://example.com/" TargetMode="External"/>'
    assert opened_as_template(template(tmp_path / "link.pptx", related(MASTER, link))).slide_masters


def test_entities_of_xml_are_not_looked_up(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Lovelace17")
    kind = f'<!DOCTYPE x [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'.encode()

    def change(name: str, data: bytes) -> bytes:
        at = data.find(b"?>") + 2
        return data[:at] + kind + data[at:].replace(b"<a:t>", b"<a:t>&e;", 1) if name == LAYOUT else data

    made = tmp_path / "made.pptx"
    opened_as_template(template(tmp_path / "t.pptx", change)).save(str(made))
    with zipfile.ZipFile(made) as parts:
        assert not any(word in parts.read(LAYOUT) for word in (b"Lovelace17", b"ENTITY", b"secret.txt"))


def test_a_pipe_or_a_device_is_no_template(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.pptx")
    (tmp_path / "zero.pptx").symlink_to("/dev/zero")
    for name in ("pipe.pptx", "zero.pptx"):
        with pytest.raises(DataError, match="is no file"):
            opened_as_template(tmp_path / name)

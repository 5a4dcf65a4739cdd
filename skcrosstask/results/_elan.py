"""Steps as a document of ELAN, the annotation tool."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from skcrosstask.results._chapters import Chapter, list_chapters

if TYPE_CHECKING:
    from skcrosstask._input import PathLike
    from skcrosstask.results._table import StepTable

__all__ = ["elan_text"]

_SCHEMA = "http://www.mpi.nl/tools/elan/EAFv3.0.xsd"
_TYPE = "steps"
# Lone surrogates and these two are no characters of XML.
_NO_XML = re.compile("[\ud800-\udfff\ufffe\uffff]")


def elan_text(table: StepTable, source: PathLike | None = None) -> str:
    """ELAN document (.eaf) of one video.

    Parameters
    ----------
    table : StepTable
        Its steps, which make one tier, or several where they overlap.
    source : path, optional
        The video file, which ELAN then opens.

    Returns
    -------
    str
        XML.

    References
    ----------
    Max Planck Institute for Psycholinguistics, "EAF format", schema 3.0.
    """
    root = ElementTree.Element(
        "ANNOTATION_DOCUMENT",
        {
            "AUTHOR": "skcrosstask",
            # The format wants a date; a fixed one keeps files the same.
            "DATE": datetime(2000, 1, 1, tzinfo=UTC).isoformat(),
            "FORMAT": "3.0",
            "VERSION": "3.0",
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:noNamespaceSchemaLocation": _SCHEMA,
        },
    )
    head = {"MEDIA_FILE": "", "TIME_UNITS": "milliseconds"}
    header = ElementTree.SubElement(root, "HEADER", head)
    if source is not None:
        _add_media(header, Path(source))
    chapters = list_chapters(table)
    times = ElementTree.SubElement(root, "TIME_ORDER")
    slots = sorted({t for chapter in chapters for t in chapter[:2]})
    for i, time in enumerate(slots, start=1):
        slot = {"TIME_SLOT_ID": f"ts{i}", "TIME_VALUE": str(time)}
        ElementTree.SubElement(times, "TIME_SLOT", slot)
    _add_tiers(root, chapters, {time: f"ts{i}" for i, time in enumerate(slots, 1)})
    kind = {"LINGUISTIC_TYPE_ID": _TYPE, "TIME_ALIGNABLE": "true"}
    kind["GRAPHIC_REFERENCES"] = "false"
    ElementTree.SubElement(root, "LINGUISTIC_TYPE", kind)
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _add_media(header: ElementTree.Element, source: Path) -> None:
    media = {
        "MEDIA_URL": source.absolute().as_uri(),
        "MIME_TYPE": mimetypes.guess_type(source.name)[0] or "video/mp4",
    }
    ElementTree.SubElement(header, "MEDIA_DESCRIPTOR", media)


def _add_tiers(
    root: ElementTree.Element, chapters: Iterable[Chapter], slots: dict[int, str]
) -> None:
    # In a tier of ELAN no two annotations may overlap.
    tiers: list[list[Chapter]] = [[]]
    for chapter in chapters:
        for tier in tiers:
            if not tier or tier[-1].end <= chapter.start:
                tier.append(chapter)
                break
        else:
            tiers.append([chapter])
    number = 0
    for i, tier in enumerate(tiers, start=1):
        name = "steps" if i == 1 else f"steps {i}"
        attributes = {"LINGUISTIC_TYPE_REF": _TYPE, "TIER_ID": name}
        parent = ElementTree.SubElement(root, "TIER", attributes)
        for start, end, title in tier:
            number += 1
            reference = {
                "ANNOTATION_ID": f"a{number}",
                "TIME_SLOT_REF1": slots[start],
                "TIME_SLOT_REF2": slots[end],
            }
            around = ElementTree.SubElement(parent, "ANNOTATION")
            inner = ElementTree.SubElement(around, "ALIGNABLE_ANNOTATION", reference)
            value = ElementTree.SubElement(inner, "ANNOTATION_VALUE")
            value.text = _NO_XML.sub("\ufffd", title)

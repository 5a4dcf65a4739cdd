"""Sentences of the manual and the READMEs that quote what benchmarks recorded."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from _manual_tables import BENCHMARKS, DEFAULTS, NAMES, README, SETS, Measured, share_of

CONFIDENCE, METHOD = "docs/user_guide/confidence.rst", "docs/user_guide/method.rst"
SPEED_PAGE = "docs/user_guide/speed.rst"
NUMBERS = ["no", "one", "two", "three", "four", "five", "six", "seven"]


class Sentence(NamedTuple):
    """What a page says, and the line of the file that it quotes."""

    page: str
    text: str
    line: dict[str, str]


def sentences_of(found: Measured) -> Iterator[Sentence]:
    """What pages say in words."""
    yield from _of_seeds(found)
    yield from _of_shares(found)
    yield from _of_one_split(found)
    yield from _of_confidence(found)
    yield from _of_cost(found)


def _of_seeds(found: Measured) -> Iterator[Sentence]:
    lines = {name: found.real[name, "the paper"] for name in SETS}
    seeds = {name: NUMBERS[int(line["seeds"])] for name, line in lines.items()}
    texts = {
        **dict.fromkeys(NAMES[:5], "What is random was averaged over {} seeds"),
        "youcook2": "{} seed for YouCook2",
        **dict.fromkeys(NAMES[6:-2], "{} for CrossTask's timelines"),
        **dict.fromkeys(NAMES[-2:], "{} seeds for generated videos"),
    }
    for name, text in texts.items():
        yield Sentence(DEFAULTS, text.format(seeds[name]), lines[name])


def _of_shares(found: Measured) -> Iterator[Sentence]:
    shares = {name: round(100 * share_of(found.real, name)) for name in SETS}
    related = [share for name, share in shares.items() if "related" in name]
    strong, medium, weak = (shares[name] for name in NAMES[6:9])
    real = found.real["crosstask medium", "default"]
    for text in [
        f"With related tasks the defaults reach it ({min(related)} to "
        f"{max(related)} %). Without them they do at strong features ({strong} %), "
        f"but not at medium ({medium} %) or weak ones ({weak} %).",
        f"recall is then {shares['crosstask medium, no windows']} % of supervised",
    ]:
        yield Sentence(DEFAULTS, text, real)
    change = max(found.units.number(*names, "change") for names in found.units)
    text = f"Recall changed by less than {change // 0.01 / 100 + 0.01:.2f} points"
    yield Sentence(DEFAULTS, text, next(found.units[names] for names in found.units))


def _of_one_split(found: Measured) -> Iterator[Sentence]:
    one_split = {
        names[0]: found.splits.number(*names, "recall") for names in found.splits
    }
    best, paper = one_split["segments + related"], one_split["shared words + related"]
    alone, even = one_split["segments, no sharing"], one_split["uniform"]
    contrast = one_split["contrast in time alone"]
    for text in [
        f"recall in one split was {best:.0f} % with the defaults, {paper:.0f} % with "
        f"the paper's procedure at its automatic learning rate, and {even:.0f} % for "
        "evenly spaced steps",
        f"Without sharing and related tasks the defaults reach {alone:.0f} %.",
        f"contrast over time alone found {contrast:.0f} % of the steps",
    ]:
        yield Sentence(METHOD, text, found.splits[("uniform",)])


def _of_confidence(found: Measured) -> Iterator[Sentence]:
    strengths = NAMES[6:9]
    before, after = (
        [found.sure.number(name, figure) for name in strengths]
        for figure in ("ECE plain", "ECE calibrated")
    )
    medium = found.sure[("crosstask medium",)]
    text = (
        f"from {min(before):.2f} to {max(before):.2f} down to {min(after):.2f} to "
        f"{max(after):.2f}"
    )
    yield Sentence(CONFIDENCE, text, medium)
    text = "the area under the ROC curve of presence is {:.2f}"
    generated = found.sure[("generated",)]
    yield Sentence(CONFIDENCE, text.format(float(generated["AUC"])), generated)
    bound = float(medium["AUC supervised"])
    text = f"even a model learnt from annotations has {bound:.2f}"
    yield Sentence(DEFAULTS, text, medium)


def _of_cost(found: Measured) -> Iterator[Sentence]:
    hundreds = NUMBERS[round(found.speed.number("ours", "ratio") / 100)]
    for page in (README, SPEED_PAGE):
        text = f"about {hundreds} hundred times as "
        yield Sentence(page, text, found.speed[("ours",)])
    one, both = (found.speed.number(s, "align ms") for s in ("ours", "ours, both"))
    text = f"An epoch of alternation takes about {both / one:.1f} times as long"
    yield Sentence(SPEED_PAGE, text, found.speed[("ours, both",)])
    lines = [found.out[videos, "64", "two threads"] for videos in ("20000", "5000")]
    many, few = (float(line["peak GB"]) for line in lines)
    text = f"two threads peak at {many:.2f} GB; of 5,000, at {few:.2f} GB"
    yield Sentence(BENCHMARKS, text, lines[0])

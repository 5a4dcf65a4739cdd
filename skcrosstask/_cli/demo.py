"""The command `demo`: generated videos, a fit, its recall, and a picture."""

from __future__ import annotations

from argparse import Namespace
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from skcrosstask._cli._shared import add_command, add_seed, option, picture_format
from skcrosstask._files import refuse_target

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from skcrosstask import Video, WeaklySupervisedStepEstimator

__all__ = ["add_parser", "draw_text_timeline", "run"]

_DETAILS = """\
example:
  python -m skcrosstask demo --out timeline.png
"""
_N_VIDEOS, _N_TEST = 12, 4
# All its words but one (whisk, egg, pour, flip) also occur in other tasks.
_UNSEEN = "omelette"

_GIVEN = """\
When does each step of a task happen in a how-to video?

Given: {n} generated videos of {tasks} tasks. For each video: features of
every second, the list of its task's steps, and where the narration
mentions them, often wrongly. Nobody labelled a second of video.

  {steps}
  ...

Learning: start from the windows; then, in each pass, place every step
as a segment and learn what its words look like.
(The first time, compiling takes some seconds.)
"""
_RESULT = """
Found: the share of steps whose predicted second is right, on new videos.

                                spread evenly   learnt
  videos of the {tasks} tasks               {seen[0]:4.0%}     {seen[1]:4.0%}
  a task never seen: {unseen}          {new[0]:4.0%}     {new[1]:4.0%}

The unseen task is understood from its list of steps, whose words other
tasks taught. One of its videos (= where a step is, ^ where it was placed):
"""
_NEXT = """\
Next:
  python -m skcrosstask fit -h    learn from your own videos
  python -m skcrosstask -h        all commands

In Python:
  from skcrosstask import Task, Video, WeaklySupervisedStepEstimator
  task = Task("latte", ["grind coffee", "steam milk", "pour milk"])
  videos = [Video("one.npy", task), Video("two.npy", task)]
  WeaklySupervisedStepEstimator().fit(videos).predict(videos)
"""


def add_parser(commands: Any) -> None:
    """Add the command to those of a parser."""
    summary = "learn from generated videos, and show the result"
    command = add_command(commands, "demo", summary, _DETAILS, run)
    text = "picture to write (default: %(default)s)"
    option(command, "--out", "FILE", text, default="timeline.png")
    add_seed(command, "videos and fit")


def run(args: Namespace) -> int:
    """Generate videos, fit, and show on standard output what was found."""
    from skcrosstask.baselines import UniformBaseline

    refuse_target(args.out)
    with suppress(ImportError):  # without matplotlib, the demo draws text
        picture_format(args.out, "--out")
    train, test, unseen = _make_videos(args.seed)
    tasks = list(dict.fromkeys(video.task for video in train))
    lines = [f"{getattr(t, 'name', t)}: {', '.join(_steps(t))}" for t in tasks[:3]]
    given = {"n": len(train), "tasks": len(tasks), "steps": "\n  ".join(lines)}
    print(_GIVEN.format(**given), flush=True)
    estimator = _learn(train, test, args.seed)
    recalls = {
        name: [model.score(videos) for model in (UniformBaseline(), estimator)]
        for name, videos in (("seen", test), ("new", unseen))
    }
    print(_RESULT.format(tasks=len(tasks), unseen=_UNSEEN, **recalls))
    print(draw_text_timeline(unseen[0], estimator.predict(unseen[:1])[0]))
    _show_timelines(estimator, [unseen[0], *test[:2]], args.out)
    print(_NEXT, end="")
    return 0


def draw_text_timeline(video: Video, times: ArrayLike, width: int = 60) -> str:
    """Draw one video's steps as lines of text.

    Parameters
    ----------
    video : Video
        With a Task; its annotation is drawn if there is one.
    times : array-like of shape (K,)
        Predicted time unit of each step, -1 for none.
    width : int, default=60
        Characters for the whole video.

    Returns
    -------
    str
        A line that names the video and one line per step.

    Examples
    --------
    >>> import numpy as np
    >>> from skcrosstask import Task, Video
    >>> task = Task("latte", ["add coffee", "pour milk"])
    >>> video = Video(np.zeros((20, 1)), task, annotation=[[0, 2, 8]], name="v")
    >>> print(draw_text_timeline(video, [5, 15], width=20))
    v, 20 s
      add coffee ..===^==............
      pour milk  ...............^....
    """
    import numpy as np

    from skcrosstask._segments import segment_units

    n_units, steps = video.shape[0], _steps(video.task)
    marks = np.full((len(steps), width), ".")
    truth = np.empty((0, 3)) if video.annotation is None else video.annotation
    for step, first, stop in segment_units(truth, n_units, rate=video.rate):
        marks[step, first * width // n_units : -(-stop * width // n_units)] = "="
    for step, time in enumerate(np.asarray(times)):
        if time >= 0:
            marks[step, int(time) * width // n_units] = "^"
    pad = max(map(len, steps), default=0)
    rows = [
        f"  {name:{pad}} {''.join(row)}" for name, row in zip(steps, marks, strict=True)
    ]
    return "\n".join([f"{video.name}, {n_units / video.rate:g} s", *rows])


def _make_videos(seed: int) -> tuple[list[Video], list[Video], list[Video]]:
    """Videos for training, new ones of the same tasks, and those of an unseen task."""
    from skcrosstask.datasets import make_instructional_videos

    videos, tasks = make_instructional_videos(_N_VIDEOS, n_tasks=8, random_state=seed)
    unseen = [v for v, task in zip(videos, tasks, strict=True) if task.name == _UNSEEN]
    seen = [v for v, task in zip(videos, tasks, strict=True) if task.name != _UNSEEN]
    # The generator takes the tasks in turn, so the last videos show all tasks.
    n_train = len(seen) * (_N_VIDEOS - _N_TEST) // _N_VIDEOS
    return seen[:n_train], seen[n_train:], unseen


def _learn(
    train: list[Video], test: list[Video], seed: int
) -> WeaklySupervisedStepEstimator:
    from skcrosstask import WeaklySupervisedStepEstimator

    estimator = WeaklySupervisedStepEstimator(random_state=seed)
    n_passes = estimator.n_passes
    for n in range(1, n_passes + 1):
        # A fit takes a moment, so it is done anew to show how recall grows.
        estimator.set_params(n_passes=n).fit(train)
        recall = estimator.score(test)
        print(f"  pass {n} of {n_passes}: finds {recall:.0%} of the steps", flush=True)
    return estimator


def _steps(task: object) -> Sequence[str]:
    return getattr(task, "steps", ())


def _show_timelines(
    estimator: WeaklySupervisedStepEstimator, videos: list[Video], out: str
) -> None:
    try:
        from skcrosstask.plotting import StepTimelineDisplay

        display = StepTimelineDisplay.from_estimator(estimator, videos)
    except ImportError:
        for video, times in zip(videos[1:], estimator.predict(videos[1:]), strict=True):
            print(draw_text_timeline(video, times))
        print(
            "\nFor pictures instead of text, install matplotlib:\n"
            "  pip install matplotlib\n"
        )
        return
    from matplotlib import pyplot

    display.figure_.savefig(out)
    pyplot.close(display.figure_)
    print(f"\nA picture of {len(videos)} videos is in {out}.\n")

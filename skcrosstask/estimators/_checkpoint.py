"""Where a fit was after its last whole epoch, in a file: who starts it anew goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from skcrosstask._data import Task, Video
from skcrosstask._files import read_archive, refuse_target, write_archive
from skcrosstask._progress import counted, say, warn
from skcrosstask.estimators._fit_identity import difference, identity_of_fit
from skcrosstask.learning.adam._model import ComponentModel
from skcrosstask.learning.rows._conditioning import Conditioning

if TYPE_CHECKING:
    from skcrosstask._input import PathLike
    from skcrosstask.estimators._component import Epoch

__all__ = ["Checkpoint"]

_FORMAT = "skcrosstask checkpoint 1"
# Attributes of an estimator that are settled before the first epoch, or after the last.
_SETTLED = ("_seed", "_temperature", "_rate", "learning_rate_", "temperature_")


class Checkpoint:
    """A file that holds a fit after its last whole epoch.

    Parameters
    ----------
    path : path, optional
        The file. Without it, nothing is read or written.

    Attributes
    ----------
    n_done : int
        Epochs that need not be made again.
    finished : bool
        Whether nothing is left to do.
    """

    def __init__(self, path: PathLike | None):
        self.path = None if path is None else Path(path)
        self.n_done, self.finished = 0, False
        self._identity: dict[str, Any] = {}
        self._found: dict[str, Any] | None = None
        self._arrays: dict[str, np.ndarray] = {}
        if self.path is not None:
            refuse_target(self.path)

    def find(
        self,
        estimator: Any,
        videos: Sequence[Video],
        tasks: Sequence[Task],
        fresh: bool,
    ) -> None:
        """Read the file, if it is there; a ValueError if it is of another fit.

        Parameters
        ----------
        estimator : ComponentEstimator
            As it is before `fit` changes it.
        videos : sequence of Video
            Training videos.
        tasks : sequence of Task
            Their tasks.
        fresh : bool
            Whether `fit` forgets what was learnt before.
        """
        if self.path is None:
            return
        self._identity = identity_of_fit(estimator, videos, tasks, fresh)
        if not self.path.exists():
            return
        found, arrays = self._read()
        with self._refusing_damage():
            what = difference(found["identity"], self._identity)
            self.n_done, self.finished = int(found["n_done"]), bool(found["finished"])
        if what:
            raise ValueError(
                f"checkpoint '{self.path}' is of another fit: {what}. Name another "
                "file, or delete it."
            )
        self._found, self._arrays = found, arrays

    def _read(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        assert self.path is not None
        try:
            found, arrays = read_archive(self.path, "document", "checkpoint")
            if not isinstance(found, dict) or found.get("format") != _FORMAT:
                raise ValueError(f"its format is not {_FORMAT!r}")
        except ValueError as error:
            text = " ".join(str(error).split())[:120].rstrip(".")
            raise ValueError(
                f"checkpoint '{self.path}': {text}. Delete it to start anew."
            ) from None
        return found, arrays

    @contextmanager
    def _refusing_damage(self) -> Iterator[None]:
        try:
            yield
        except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
            raise ValueError(
                f"checkpoint '{self.path}': damaged ({error!r:.80}). Delete it to "
                "start anew."
            ) from None

    def begin(self, estimator: Any, fresh: bool) -> None:
        """Give back the seed and the conditioning, which decide what is read."""
        if self._found is None:
            return
        with self._refusing_damage():
            if fresh:
                estimator._seed = int(self._found["settled"]["_seed"])
                estimator._rng = np.random.default_rng(estimator._seed)
            if fresh and "projection" in self._arrays:
                projection = self._arrays["projection"]
                _expect_like(projection, np.empty_like(projection, np.float32))
                if projection.shape[0] != estimator.n_features_in_:
                    raise ValueError("projection")
                far = bool(self._found["far"])
                estimator._conditioning = Conditioning(projection, far)
        say(
            f"going on after {counted(self.n_done, 'epoch')}: {self.path}",
            estimator.verbose,
        )

    def restore_model(self, estimator: Any) -> None:
        """Give back the model, before anybody holds the one that was just made."""
        if self._found is None:
            return
        with self._refusing_damage():
            for name in _SETTLED:
                setattr(estimator, name, self._found["settled"][name])
            agreement = self._found["agreement_"]
            estimator.agreement_ = np.nan if agreement is None else agreement
            estimator._model = self._model_like(estimator._model)

    def _model_like(self, made: ComponentModel) -> ComponentModel:
        """The model of the file, which compiled code must be able to trust."""
        assert self._found is not None
        settings, expected = made.state()
        found, arrays = self._found["model"], _part(self._arrays, "model")
        n_updates, last = found["n_updates"], arrays["last"]
        if found | {"n_updates": 0} != settings | {"n_updates": 0}:
            raise ValueError("model")
        for name, array in expected.items():
            _expect_like(arrays[name], array)
        if type(n_updates) is not int or ((last < 0) | (last > n_updates)).any():
            raise ValueError("last")
        return ComponentModel.from_state(found, arrays)

    def resume(self, estimator: Any, epochs: Sequence[Epoch]) -> None:
        """Give back all else, or write the first checkpoint.

        Parameters
        ----------
        estimator : ComponentEstimator
            Has begun its fit.
        epochs : sequence of Epoch
            All that it is to do.
        """
        if self.path is None:
            return
        if self._found is None:
            # What cannot be written is better known before the work.
            self._write(estimator, epochs)
            return
        with self._refusing_damage():
            estimator._rng.bit_generator.state = self._found["rng"]
            estimator._new_history += self._found["history"]
            for i, course in enumerate(_courses(epochs)):
                sources = [s for c, s in epochs[: self.n_done] if c is course]
                if sources:
                    course.restore(_part(self._arrays, f"course{i}"), sources[-1])
        self._arrays = {}

    def note(
        self,
        estimator: Any,
        epochs: Sequence[Epoch],
        n_done: int,
        finished: bool = False,
    ) -> None:
        """Write the file anew; a warning says if that fails, and the fit goes on.

        Parameters
        ----------
        estimator : ComponentEstimator
            In its fit.
        epochs : sequence of Epoch
            All that it is to do.
        n_done : int
            How many of them are done.
        finished : bool, default=False
            Whether nothing is left to do.
        """
        if self.path is None:
            return
        self.n_done, self.finished = n_done, finished
        try:
            self._write(estimator, epochs)
        except OSError as error:
            warn(
                f"checkpoint '{self.path}' could not be written "
                f"({error.strerror or error}); the fit goes on without it."
            )

    def _write(self, estimator: Any, epochs: Sequence[Epoch]) -> None:
        assert self.path is not None
        settings, arrays = estimator._model.state()
        conditioning, agreement = estimator._conditioning, estimator.agreement_
        members = _named("model", arrays)
        if conditioning is not None:
            members["projection"] = conditioning.projection
        for i, course in enumerate(_courses(epochs)):
            members |= _named(f"course{i}", course.state())
        document = {
            "format": _FORMAT,
            "identity": self._identity,
            "n_done": self.n_done,
            "finished": self.finished,
            "settled": {name: getattr(estimator, name) for name in _SETTLED},
            "agreement_": None if np.isnan(agreement) else agreement,
            "far": conditioning is not None and conditioning.far,
            "model": settings,
            "rng": estimator._rng.bit_generator.state,
            "history": estimator._new_history,
        }
        text = json.dumps(document)
        write_archive(self.path, text, members, "document", alone=True)


def _courses(epochs: Sequence[Epoch]) -> list[Any]:
    """Who makes the epochs, each once."""
    return list({id(course): course for course, _ in epochs}.values())


def _expect_like(found: np.ndarray, expected: np.ndarray) -> None:
    same = found.shape == expected.shape and found.dtype == expected.dtype
    if not (same and np.isfinite(found).all()):
        raise ValueError(f"an array of {found.dtype} and shape {found.shape}")


def _named(owner: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    return {f"{owner}_{name}": array for name, array in arrays.items()}


def _part(arrays: dict[str, np.ndarray], owner: str) -> dict[str, np.ndarray]:
    start = f"{owner}_"
    return {k.removeprefix(start): a for k, a in arrays.items() if k.startswith(start)}

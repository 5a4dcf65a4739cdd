"""Classifiers of the components of some tasks, also of words never seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

import numpy as np

from skcrosstask._data import Task, Video
from skcrosstask._progress import warn
from skcrosstask.components import Composition, StepComponents
from skcrosstask.learning._texts import mean_vectors
from skcrosstask.learning._unseen_words import predict_unseen
from skcrosstask.learning.adam._model import linear_scores
from skcrosstask.learning.rows._conditioning import Conditioning
from skcrosstask.learning.rows._reading import read_rows

__all__ = ["Classifiers", "StepScorer"]


class Classifiers(NamedTuple):
    """Component classifiers, in two bases.

    Attributes
    ----------
    coef : ndarray of shape (M, D)
        Weights of raw features.
    intercept : ndarray of shape (M,)
        Biases.
    conditioned : ndarray of shape (M, R)
        Weights of conditioned features, the same where they are not conditioned.
    """

    coef: np.ndarray
    intercept: np.ndarray
    conditioned: np.ndarray

    def compose(
        self,
        vocabulary: StepComponents,
        tasks: Iterable[Task],
        word_vectors: Any,
        evidence: np.ndarray | None,
        conditioning: Conditioning | None,
    ) -> tuple[Classifiers, dict[Task, Composition]]:
        """What steps are made of, with classifiers added for words never seen.

        Parameters
        ----------
        vocabulary : StepComponents
            The M components.
        tasks : iterable of Task
            Any tasks.
        word_vectors : mapping, callable, object with `look_up`, or None
            Vectors of words.
        evidence : ndarray of at most M numbers, or None
            How much each component counts when others are learnt from it: nothing
            where numbers are missing, and without any, all the same.
        conditioning : Conditioning or None
            From raw features to conditioned ones.

        Returns
        -------
        classifiers : Classifiers
            These, and those of words that were not seen but have a vector.
        compositions : dict of Task to Composition
            Their columns are rows of the classifiers.
        """
        unseen = {} if word_vectors is None else vocabulary.unseen(tasks)
        if not unseen:
            return self, vocabulary.compose(tasks)
        known = [vocabulary.words.get(name, []) for name in vocabulary.names]
        groups = [*known, *unseen.values()]
        vectors = mean_vectors(word_vectors, groups, "word_vectors")
        named = np.flatnonzero(vectors[len(known) :].any(axis=1))
        names = [list(unseen)[i] for i in named]
        weights = np.ones(len(known)) if evidence is None else evidence
        weights = np.pad(weights, (0, len(known) - len(weights)))
        rows = predict_unseen(
            vectors[: len(known)],
            np.column_stack([self.conditioned, self.intercept]),
            weights,
            vectors[len(known) :][named],
        )
        if rows is None:
            if names:
                warn(
                    "word_vectors are not used: vectors of the known words do not "
                    "tell what they look like."
                )
            return self, vocabulary.compose(tasks)
        more = {name: len(known) + i for i, name in enumerate(names)}
        return self._joined(rows, conditioning), vocabulary.compose(tasks, more)

    def _joined(
        self, rows: np.ndarray, conditioning: Conditioning | None
    ) -> Classifiers:
        rows = rows.astype(np.float32)
        new, intercept = np.ascontiguousarray(rows[:, :-1]), rows[:, -1]
        raw = new if conditioning is None else new @ conditioning.projection.T
        return Classifiers(
            np.concatenate([self.coef, raw]),
            np.concatenate([self.intercept, intercept]),
            np.concatenate([self.conditioned, new]),
        )


@dataclass
class StepScorer:
    """Scores the steps of some tasks in videos.

    Parameters
    ----------
    classifiers : Classifiers
        Of components.
    compositions : dict of Task to Composition
        The tasks' steps.
    centred : bool
        Whether the video's mean row is subtracted from its rows.
    against_background : bool
        Whether scores are log odds over rows at 0, the background.
    """

    classifiers: Classifiers
    compositions: dict[Task, Composition]
    centred: bool
    against_background: bool

    def narrow(self, tasks: Iterable[Task]) -> Self:
        """Itself for some of the tasks, without the classifiers of the others."""
        kept = {task: self.compositions[task] for task in tasks}
        rows = np.unique(np.concatenate([steps.columns for steps in kept.values()]))
        return replace(
            self,
            classifiers=Classifiers(*(each[rows] for each in self.classifiers)),
            compositions={
                task: replace(steps, columns=np.searchsorted(rows, steps.columns))
                for task, steps in kept.items()
            },
        )

    def __call__(self, video: Video, task: Task) -> np.ndarray:
        """Scores (T, K) of one video."""
        features, steps = video.open(), self.compositions[task]
        coef, intercept, conditioned = self.classifiers
        scores = linear_scores(features, steps, coef, intercept, centred=self.centred)
        if self.against_background:
            means = steps.matrix @ conditioned[steps.columns]
            scores -= (np.einsum("kr,kr->k", means, means) / 2).astype(np.float32)
        if not np.isfinite(scores).all():
            # Says which time is to blame, or that the model itself overflows.
            read_rows(features, slice(None), str(video))
            raise ValueError(f"{video}: scores overflow float32.")
        return scores

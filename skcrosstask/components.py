"""From step descriptions to shared components and the matrix A.

A step's classifier is the mean of the classifiers of its components. What counts
as a component decides what is shared: the words of all tasks, the words of one
task, equal steps, or nothing.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from skcrosstask._data import Task
from skcrosstask._progress import warn

__all__ = [
    "SHARING",
    "STEMMERS",
    "Composition",
    "StepComponents",
    "component_sources",
]

SHARING = ("words", "task_words", "steps", "none")
STEMMERS = ("porter", "snowball")


class Steps(NamedTuple):
    """The arrays of a `Composition`, as kernels take them."""

    columns: np.ndarray
    indptr: np.ndarray
    local: np.ndarray
    shares: np.ndarray


@dataclass(frozen=True)
class Composition:
    """Which components make up the steps of one task: its rows of A, sparse.

    Parameters
    ----------
    columns : ndarray of shape (C,) of int64
        The task's components, ascending, as columns of A.
    indptr : ndarray of shape (K + 1,) of int64
        Step k is made of ``columns[local[indptr[k]:indptr[k + 1]]]``.
    local : ndarray of int64
        Places in `columns`.
    shares : ndarray of float32
        Entries of A beside `local`; those of a step sum to 1.

    Examples
    --------
    >>> from skcrosstask.components import Composition
    >>> Composition.from_rows([[4], [2, 4]]).columns
    array([2, 4])
    >>> Composition.from_rows([[4], [2, 4]]).n_steps
    2
    >>> Composition.from_rows([[4], [2, 4]]).arrays.columns
    array([2, 4])
    """

    columns: np.ndarray
    indptr: np.ndarray
    local: np.ndarray
    shares: np.ndarray

    @classmethod
    def from_rows(cls, rows: list[list[int]]) -> Composition:
        """Equal weights for the components of each step."""
        sizes = np.array([len(row) for row in rows], dtype=np.int64)
        flat = np.concatenate([np.asarray(row, dtype=np.int64) for row in rows])
        columns, local = np.unique(flat, return_inverse=True)
        indptr = np.concatenate([[0], np.cumsum(sizes)])
        shares = np.repeat(1.0 / sizes, sizes).astype(np.float32)
        return cls(columns, indptr, local.astype(np.int64), shares)

    @property
    def n_steps(self) -> int:
        """Number of steps K."""
        return len(self.indptr) - 1

    @property
    def arrays(self) -> Steps:
        """The arrays, as kernels take them."""
        return Steps(self.columns, self.indptr, self.local, self.shares)

    @cached_property
    def matrix(self) -> np.ndarray:
        """Dense (K, C) rows of A over the task's own columns."""
        dense = np.zeros((self.n_steps, len(self.columns)))
        step = np.repeat(np.arange(self.n_steps), np.diff(self.indptr))
        dense[step, self.local] = self.shares
        return dense


class StepComponents:
    """Vocabulary of components and the matrix A of each task.

    Parameters
    ----------
    sharing : {"words", "task_words", "steps", "none"}, default="words"
        What a component is: a word wherever it stands, a word within one task,
        a step wherever the same words stand, or one step of one task.
    stemmer : {"porter", "snowball"}, callable or None, default="porter"
        Maps a word to its stem before words are compared. Only words are
        stemmed: equal steps are equal strings.

    Attributes
    ----------
    names : list of str
        One name a component, in the order of A's columns. Sorted; what a later
        `update` adds is sorted behind.
    words : dict of str to list of str
        The words that stood for each component, sorted: those of its stem, or those
        of its step.

    References
    ----------
    Zhukov et al., CVPR 2019, section 4.1 and equation (1).

    Examples
    --------
    >>> from skcrosstask import Task
    >>> from skcrosstask.components import StepComponents
    >>> latte = Task("latte", ["pour milk", "pouring the coffee"])
    >>> components = StepComponents().update([latte])
    >>> components.names
    ['coffe', 'milk', 'pour', 'the']
    >>> components.matrix(latte).round(2)
    array([[0.  , 0.5 , 0.5 , 0.  ],
           [0.33, 0.  , 0.33, 0.33]])
    """

    def __init__(
        self,
        sharing: str = "words",
        stemmer: str | Callable[[str], str] | None = "porter",
    ):
        if sharing not in SHARING:
            raise ValueError(f"sharing must be one of {SHARING}, got {sharing!r}.")
        self.sharing = sharing
        self.stemmer = stemmer
        self.names: list[str] = []
        self.words: dict[str, list[str]] = {}
        self._index: dict[str, int] = {}
        self._stems: dict[str, str] = {}
        self._stem = make_stemmer(stemmer) if sharing.endswith("words") else None

    def __getstate__(self) -> dict[str, Any]:
        # nltk's stemmers are rebuilt where they are needed, not stored.
        return {**self.__dict__, "_stem": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        if self.sharing.endswith("words"):
            self._stem = make_stemmer(self.stemmer)

    def update(self, tasks: Iterable[Task]) -> StepComponents:
        """Add the components of these tasks that are not known yet.

        Parameters
        ----------
        tasks : iterable of Task
            Order and repetition do not matter.

        Returns
        -------
        StepComponents
            The object itself.
        """
        found = self._words_by_name(tasks)
        for name in sorted(found.keys() - self._index.keys()):
            self._index[name] = len(self.names)
            self.names.append(name)
        for name, words in found.items():
            self.words[name] = sorted(words.union(self.words.get(name, ())))
        return self

    def unseen(self, tasks: Iterable[Task]) -> dict[str, list[str]]:
        """Components of tasks that are not known, and the words that stand for them.

        Parameters
        ----------
        tasks : iterable of Task
            Repetition does not matter.

        Returns
        -------
        dict of str to list of str
            By name, sorted.

        Examples
        --------
        >>> from skcrosstask import Task
        >>> from skcrosstask.components import StepComponents
        >>> components = StepComponents().update([Task("latte", ["pour milk"])])
        >>> components.unseen([Task("tea", ["pour water", "boiling water"])])
        {'boil': ['boiling'], 'water': ['water']}
        """
        found = self._words_by_name(tasks)
        return {
            name: sorted(found[name]) for name in sorted(found.keys() - self._index)
        }

    def compose(
        self, tasks: Iterable[Task], more: Mapping[str, int] | None = None
    ) -> dict[Task, Composition]:
        """Rows of A for tasks, whether or not their words were all seen.

        A step is the mean of its known components. A step of which none is known
        falls back to the mean of its task's known components, or of all
        components where the task has none; one warning names such steps.

        Parameters
        ----------
        tasks : iterable of Task
            Repetition does not matter.
        more : mapping of str to int, optional
            Columns, beyond those of A, of components that are not known but count as
            if they were.

        Returns
        -------
        dict of Task to Composition
            One entry a distinct task.

        Examples
        --------
        >>> from skcrosstask import Task
        >>> from skcrosstask.components import StepComponents
        >>> components = StepComponents().update([Task("latte", ["pour milk"])])
        >>> tea = Task("tea", ["pour water"])
        >>> components.compose([tea])[tea].columns
        array([1])
        """
        compositions, unknown = {}, []
        index = {**self._index, **(more or {})}
        for task in dict.fromkeys(tasks):
            rows = [
                [index[name] for name in step if name in index]
                for step in self.keys(task)
            ]
            fallback = sorted({m for row in rows for m in row})
            fallback = fallback or list(range(len(self.names)))
            unknown += [
                f"{task.steps[k]!r} of task {task.name!r}"
                for k, row in enumerate(rows)
                if not row
            ]
            compositions[task] = Composition.from_rows(
                [row or fallback for row in rows]
            )
        if unknown:
            why = "was seen in training"
            if more is not None:
                why += " or could be learnt from word vectors"
            warn(
                f"No component of {_listed(unknown)} {why}; the mean "
                "of the task's known components stands in, or that of all, where the "
                "task has none: then its steps look alike."
            )
        return compositions

    def matrix(self, task: Task) -> np.ndarray:
        """Matrix A of one task.

        Parameters
        ----------
        task : Task
            Seen in `update` or not.

        Returns
        -------
        ndarray of shape (K, M)
            Non-negative; each row sums to 1.
        """
        composition = self.compose([task])[task]
        dense = np.zeros((len(task.steps), len(self.names)))
        dense[:, composition.columns] = composition.matrix
        return dense

    def keys(self, task: Task) -> list[list[str]]:
        """Names of the components of each step, whether or not they are known.

        Parameters
        ----------
        task : Task
            Any task.

        Returns
        -------
        list of list of str
            One list a step, sorted.

        Examples
        --------
        >>> from skcrosstask import Task
        >>> from skcrosstask.components import StepComponents
        >>> StepComponents().keys(Task("latte", ["pouring milk", "stir"]))
        [['milk', 'pour'], ['stir']]
        """
        return [sorted(step) for step in self._step_words(task)]

    def _step_words(self, task: Task) -> list[dict[str, list[str]]]:
        """For each step its components, and the words that stand for them."""
        if self.sharing == "none":
            steps = enumerate(task.steps)
            return [{f"{task.name}/{k}: {step}": _words(step)} for k, step in steps]
        if self.sharing == "steps":
            return [{" ".join(_words(step)): _words(step)} for step in task.steps]
        prefix = f"{task.name}/" if self.sharing == "task_words" else ""
        found: list[dict[str, list[str]]] = []
        for step in task.steps:
            found.append({})
            for word in _words(step):
                found[-1].setdefault(prefix + self._word_stem(word), []).append(word)
        return found

    def _words_by_name(self, tasks: Iterable[Task]) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for task in dict.fromkeys(tasks):
            for step in self._step_words(task):
                for name, words in step.items():
                    found.setdefault(name, set()).update(words)
        return found

    def _word_stem(self, word: str) -> str:
        if self._stem is None:
            return word
        if word not in self._stems:
            stem = self._stem(word)
            if not isinstance(stem, str) or not stem:
                raise ValueError(f"stemmer turned {word!r} into {stem!r}, not a word.")
            self._stems[word] = stem
        return self._stems[word]


def component_sources(
    task: Task,
    tasks: Iterable[Task],
    *,
    sharing: str = "words",
    stemmer: str | Callable[[str], str] | None = "porter",
) -> list[dict[str, list[tuple[Task, int]]]]:
    """Where else the components of a task's steps stand.

    Parameters
    ----------
    task : Task
        The task in question.
    tasks : iterable of Task
        Tasks to look in, such as those of training.
    sharing : {"words", "task_words", "steps", "none"}, default="words"
        What a component is.
    stemmer : {"porter", "snowball"}, callable or None, default="porter"
        Maps words to stems before they are compared.

    Returns
    -------
    list of dict
        For each step of ``task``, by component in the order of its name, the steps
        that hold it: pairs of a task and the number of a step. An empty list where
        there is none.

    References
    ----------
    Zhukov et al., CVPR 2019, figure 6.

    Examples
    --------
    >>> from skcrosstask import Task
    >>> from skcrosstask.components import component_sources
    >>> latte, tea = Task("latte", ["pour milk"]), Task("tea", ["boil", "pour water"])
    >>> sources = component_sources(latte, [tea])
    >>> [(component, len(steps)) for component, steps in sources[0].items()]
    [('milk', 0), ('pour', 1)]
    >>> sources[0]["pour"][0][1]
    1
    """
    components = StepComponents(sharing, stemmer)
    holders: dict[str, list[tuple[Task, int]]] = {}
    for other in dict.fromkeys(tasks):
        for k, names in enumerate(components.keys(other)):
            for name in names:
                holders.setdefault(name, []).append((other, k))
    return [
        {name: holders.get(name, []) for name in names}
        for names in components.keys(task)
    ]


def _words(step: str) -> list[str]:
    """Words in lower case, without the punctuation around them."""
    words = step.lower().split()
    return [word.strip(string.punctuation) or word for word in words]


def make_stemmer(
    stemmer: str | Callable[[str], str] | None,
) -> Callable[[str], str] | None:
    """Function from a word to its stem; None leaves words as they are.

    Parameters
    ----------
    stemmer : {"porter", "snowball"}, callable or None
        Which.

    Returns
    -------
    callable or None

    Raises
    ------
    ValueError
        If there is no such stemmer.
    """
    if stemmer is None or callable(stemmer):
        return stemmer
    # nltk takes a second to import: only who stems words pays for it.
    if stemmer == "porter":
        from nltk.stem.porter import PorterStemmer

        return PorterStemmer().stem
    if stemmer == "snowball":
        from nltk.stem.snowball import SnowballStemmer

        return SnowballStemmer("english").stem
    raise ValueError(
        f"stemmer must be one of {STEMMERS}, None or a callable, got {stemmer!r}."
    )


def _listed(names: list[str], most: int = 5) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"

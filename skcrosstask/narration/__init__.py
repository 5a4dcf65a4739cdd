"""From what is said to where a step may happen: subtitles, text, windows."""

from skcrosstask.narration._aligner import NarrationAligner, narration_windows
from skcrosstask.narration._windows import NarrationMatch
from skcrosstask.narration.subtitles._reading import read_narration, read_narrations
from skcrosstask.narration.text._cooccurrence import learn_word_vectors
from skcrosstask.narration.text._learned_aggregation import LearnedAggregation
from skcrosstask.narration.text._paragraphs import read_paragraphs
from skcrosstask.narration.text._tfidf import TfidfText
from skcrosstask.narration.text._word_vector_text import WordVectorText
from skcrosstask.narration.text._word_vectors import WordVectors

__all__ = [
    "LearnedAggregation",
    "NarrationAligner",
    "NarrationMatch",
    "TfidfText",
    "WordVectorText",
    "WordVectors",
    "learn_word_vectors",
    "narration_windows",
    "read_narration",
    "read_narrations",
    "read_paragraphs",
]

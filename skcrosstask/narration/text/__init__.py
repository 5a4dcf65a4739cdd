"""Texts as vectors, by TF-IDF, by word vectors, or learned from paragraphs."""

__all__: list[str] = []

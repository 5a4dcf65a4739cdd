"""The version, which also stands in what experiments write."""

__version__ = "0.1.0"

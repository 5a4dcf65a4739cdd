"""The command `windows`: from folders of subtitles to files of constraints."""

from skcrosstask._windows_command._make import make_windows

__all__ = ["make_windows"]

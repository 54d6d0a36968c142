"""Errors a person can act on: what was wrong, with which file, and what to do."""


class AnalyzerError(Exception):
    """Base of every expected failure; its text is the one line a person reads."""


class ClipError(AnalyzerError):
    """A clip that cannot be analysed.

    Parameters
    ----------
    name : the clip's file name, without folders.
    what : what was wrong with it.
    do : what the person can do about it.
    """

    def __init__(self, name: str, what: str, do: str) -> None:
        super().__init__(f"{name}: {what}. {do}")
        self.name, self.what, self.do = name, what, do


class ModelError(AnalyzerError):
    """The pose model cannot be had or loaded."""

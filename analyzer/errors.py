"""Errors that a person can act on: what was wrong, with which file, and what to do."""


class AnalyzerError(Exception):
    """Base class of all expected failures; the text is one line for a person."""


class ClipError(AnalyzerError):
    """A clip that cannot be analysed.

    Parameters
    ----------
    name : file name of the clip, without folders.
    problem : what is wrong with it.
    advice : what the person can do about it.
    """

    def __init__(self, name: str, problem: str, advice: str) -> None:
        super().__init__(f"{name}: {problem}. {advice}")
        self.name, self.problem, self.advice = name, problem, advice

    def __reduce__(self) -> tuple[type["ClipError"], tuple[str, str, str]]:
        """Let a child process send the error to its parent."""
        return type(self), (self.name, self.problem, self.advice)


class ModelError(AnalyzerError):
    """A pose model that is not available or cannot be loaded."""

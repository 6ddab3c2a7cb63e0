"""The one error that ``./dev eval`` shows without a traceback."""

from __future__ import annotations


class EvaluationError(Exception):
    """The measurement cannot be made, and the reader can mend it.

    ``what`` says what happened and why, ``todo`` what to do next; both are whole sentences.
    """

    def __init__(self, what: str, todo: str) -> None:
        super().__init__(f"{what}\n{todo}")
        self.what = what
        self.todo = todo

"""How the commands of the evaluation end: an error that a person can mend is one line, never a traceback."""

import sys
from collections.abc import Callable

from ingest.errors import CommentariatError

__all__ = ["plainly"]


def plainly(run: Callable[[], int]) -> int:
    """Return the exit code of `run`, or say the `CommentariatError` it raises in one line and return that one's."""
    try:
        return run()
    except CommentariatError as error:
        sys.stderr.write(f"{error.message} {error.remedy}\n")
        return error.exit_code

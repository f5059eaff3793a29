"""Keep Python's search for unreachable cycles out of the way of questions.

A process that answers questions keeps hundreds of thousands of objects of the threads it read, with no cycle among
them. Python looks through all of them whenever their number has grown by a quarter: 150 ms at 250,000, in the middle
of a question. Here that look waits until an answer is out. What has no cycles is freed at once as ever.
"""

import gc

__all__ = ["look_when_due", "postpone"]

_DUE = 100  # young collections since the last full one: about 700,000 objects more, or eighty questions
_AT_LAST = 1_000  # the same for Python to do it by itself, where nobody asks any more


def postpone() -> None:
    """Leave the full collections of this process to `look_when_due`."""
    youngest, middle, _ = gc.get_threshold()
    gc.set_threshold(youngest, middle, _AT_LAST)


def look_when_due() -> None:
    """Do a full collection if enough has come up since the last one; called when an answer is out."""
    if gc.get_count()[2] >= _DUE:
        gc.collect()

"""Numbers with their nouns, for whatever is printed."""

__all__ = ["counted", "noun"]


def counted(number: int, singular: str, plural: str = "") -> str:
    """Write a number with its noun.

    >>> counted(1, "comment"), counted(1024, "comment"), counted(2, "reply", "replies")
    ('1 comment', '1,024 comments', '2 replies')
    """
    return f"{number:,} {noun(number, singular, plural)}"


def noun(number: int, singular: str, plural: str = "") -> str:
    """Choose between singular and plural."""
    return singular if number == 1 else plural or singular + "s"

"""A small thread with times, votes, a deleted comment, a capped depth and similar names."""

from ingest.thread import Article, Comment, Thread

_ROWS: tuple[tuple[int, str | None, int | None, str, int, str], ...] = (
    (1, "Otto Falk", None, "2024-03-02T08:00", 5, "A roof over the stalls is long overdue. The rain ruins everything."),
    (2, "ines_77", 1, "2024-03-02T09:30", 7, "Nine million for a roof? The school needs that money."),
    (3, "Otto Falk", 2, "2024-03-02T10:00", 1, "The school gets its own budget."),
    (
        4,
        "Ann Lee",
        2,
        "2024-03-02T11:00",
        4,
        "Where would the traders go while they build? Parking is bad enough already near the station.",
    ),
    (5, "ines_77", 4, "2024-03-03T07:15", 2, "To the car park, apparently. Nobody asked them."),
    (6, "Ann Poe", 5, "2024-03-03T08:00", 0, "I was asked, and I said yes."),
    (
        7,
        "Ann Poe",
        None,
        "2024-03-03T09:00",
        -1,
        "As a trader I want the hall. The petition was signed by people who have no stall, and the parking will be "
        "underground.",
    ),
    (8, "Mika", 0, "2024-03-04T12:00", 3, "Who removed that? It was a fair question about parking."),
    (9, None, None, "2024-03-05T18:45", 0, "Will the hall be heated in winter?"),
)


def market() -> Thread:
    """Return a thread of nine visible comments by five named people and one unnamed; three more are missing.

    c6 is displayed below c4 but answers c5; c8 answers a comment that was deleted.
    """
    comments: list[Comment] = []
    for number, author, parent, time, score, body in _ROWS:
        if parent == 0:
            comments.append(Comment("t:gone", None, "t:7", "t:7", None, "", status="deleted"))
        parent_id = "t:gone" if parent == 0 else f"t:{parent}" if parent else None
        shown = "t:4" if number == 6 else parent_id
        comments.append(
            Comment(f"t:{number}", number, parent_id, shown, author, body, created_at=f"{time}:00Z", score=score)
        )
    return Thread(
        id="market",
        source="test",
        article=Article(
            title="Town plans a covered market hall",
            author="Rhea Lindqvist",
            published="2024-03-02",
            url="https://example.org/market",
            text="The town wants a covered market hall beside the station. It would cost nine million and open in "
            "2027. Twelve traders signed a petition against it, says Mayor Boris Quade.",
        ),
        comments=tuple(comments),
        missing=3,
    )

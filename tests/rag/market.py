"""A small thread with times, votes, a deleted comment, a capped depth and similar names."""

from ingest.thread import Article, Comment, Thread
from tests.builders import comment


def market() -> Thread:
    """Return a thread of nine visible comments by six named people and one unnamed, three more missing."""
    return Thread(
        id="market",
        source="test",
        article=Article(
            title="Town plans a covered market hall",
            author="Rhea Lindqvist",
            published="2024-03-02",
            url="https://example.org/market",
            text="The town wants a covered market hall beside the station. It would cost nine million and open in 2027. "
            "Twelve traders signed a petition against it, says Mayor Boris Quade.",
        ),
        comments=(
            comment(1, "Otto Falk", "A roof over the stalls is long overdue. The rain ruins everything.", score=5, created_at="2024-03-02T08:00:00Z"),
            comment(2, "ines_77", "Nine million for a roof? The school needs that money.", 1, score=7, created_at="2024-03-02T09:30:00Z"),
            comment(3, "Otto Falk", "The school gets its own budget.", 2, score=1, created_at="2024-03-02T10:00:00Z"),
            comment(4, "Ann Lee", "Where would the traders go while they build? Parking is bad enough already near the station.", 2, score=4, created_at="2024-03-02T11:00:00Z"),
            comment(5, "ines_77", "To the car park, apparently. Nobody asked them.", 4, score=2, created_at="2024-03-03T07:15:00Z"),
            Comment("t:6", 6, "t:5", "t:4", "Ann Poe", "I was asked, and I said yes.", created_at="2024-03-03T08:00:00Z", score=0),
            comment(7, "Ann Poe", "As a trader I want the hall. The petition was signed by people who have no stall, and the parking will be underground.", score=-1, created_at="2024-03-03T09:00:00Z"),
            Comment("t:gone", None, "t:7", "t:7", None, "", status="deleted"),
            Comment("t:8", 8, "t:gone", "t:gone", "Mika", "Who removed that? It was a fair question about parking.", created_at="2024-03-04T12:00:00Z", score=3),
            comment(9, None, "Will the hall be heated in winter?", created_at="2024-03-05T18:45:00Z", score=0),
        ),
        missing=3,
    )  # fmt: skip

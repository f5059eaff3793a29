"""Small threads built in a line or two, for tests to read."""

from ingest.thread import Article, Comment, Thread


def comment(number: int, author: str | None, body: str, parent: int | None = None, **fields: object) -> Comment:
    """Build comment `c<number>` with id `t:<number>`, answering `parent`."""
    parent_id = f"t:{parent}" if parent else None
    values = {"parent_shown": parent_id, **fields}
    return Comment(id=f"t:{number}", number=number, parent_id=parent_id, author=author, body=body, **values)  # type: ignore[arg-type]


def thread(
    *comments: Comment, title: str = "A thread", text: str = "", thread_id: str = "t", **fields: object
) -> Thread:
    """Build a thread from comments in document order."""
    return Thread(id=thread_id, source="test", article=Article(title=title, text=text), comments=comments, **fields)  # type: ignore[arg-type]


def debate() -> Thread:
    """Return a small debate of three named people and an unnamed one, used across the tests."""
    return thread(
        comment(1, "Ada", "The new bridge will cost 40 million. I doubt the harbour needs it."),
        comment(2, "Ben", "I disagree with Ada. Ferries are slow and the queue is two hours long.", 1),
        comment(3, "Ada", "Two hours? On Sundays perhaps, never in winter.", 2),
        comment(4, None, "I agree with Ben, the ferries are a disgrace.", 2),
        comment(5, "Cleo Brandt", "Has anyone asked the fishermen? Their moorings would move to the north quay."),
        comment(6, "Ben", "They were asked in May, and most of them were for the bridge.", 5),
        title="Council votes on the harbour bridge",
        text="The council votes on a bridge across the harbour on 4 June. It would replace two ferries.\n\n"
        "Mayor Ines Holm called it overdue.",
        thread_id="bridge",
    )

import json
from pathlib import Path

from ingest.quotes import link_quotes
from ingest.thread import ARTICLE, Article, Comment, Quote, Thread
from tests.builders import comment, thread

LONG = "The ferry needs two hours on Sundays and nobody on the council has ever waited in that queue."


def found(linked: Thread, number: int) -> list[tuple[str, str | None]]:
    one = linked.comments[number - 1]
    return [(one.body[quote.start : quote.end], quote.comment_id) for quote in one.quotes]


def test_a_marked_quotation_is_linked_to_the_ancestor_that_holds_it() -> None:
    body = "> the FERRY needs\n\nIt does."
    made = thread(comment(1, "Ada", LONG), comment(2, "Ben", body, 1, quotes=(Quote(0, 17),)))
    linked = link_quotes(made)
    assert found(linked, 2) == [("> the FERRY needs", "t:1")]
    assert linked.comments[1].quotes[0].author == "Ada"


def test_an_ancestor_goes_before_an_unrelated_comment_with_the_same_words() -> None:
    made = thread(
        comment(1, "Ada", "I like ferries a lot."),
        comment(2, "Cleo", "I like ferries a lot."),
        comment(3, "Ben", "> I like ferries a lot.\n\nWhy?", 1, quotes=(Quote(0, 23),)),
    )
    assert found(link_quotes(made), 3)[0][1] == "t:1"


def test_words_that_an_ancestor_only_quoted_belong_to_their_first_author() -> None:
    made = thread(
        comment(1, "Ada", LONG),
        comment(2, "Ben", f"> {LONG}\n\nNot true.", 1, quotes=(Quote(0, len(LONG) + 2),)),
        comment(3, "Cleo", f"> {LONG}\n\nIt is.", 2, quotes=(Quote(0, len(LONG) + 2),)),
    )
    assert found(link_quotes(made), 3)[0][1] == "t:1"


def test_an_unmarked_run_of_words_becomes_a_quotation_with_its_quotation_marks() -> None:
    made = thread(comment(1, "Ada", LONG), comment(2, "Ben", f"“{LONG}” Says who?", 1))
    assert found(link_quotes(made), 2) == [(f"“{LONG}”", "t:1")]


def test_seven_words_in_a_row_are_nobodys_quotation() -> None:
    made = thread(comment(1, "Ada", LONG), comment(2, "Ben", "The ferry needs two hours on Sundays? Really?", 1))
    assert found(link_quotes(made), 2) == []


def test_eight_words_in_a_row_are_a_quotation() -> None:
    made = thread(comment(1, "Ada", LONG), comment(2, "Ben", "Really? The ferry needs two hours on Sundays and?", 1))
    assert found(link_quotes(made), 2) == [("The ferry needs two hours on Sundays and?", "t:1")]


def test_a_turn_of_phrase_inside_a_sentence_is_no_quotation() -> None:
    made = thread(
        comment(1, "Ada", LONG), comment(2, "Ben", "I think the ferry needs two hours on Sundays and more", 1)
    )
    assert found(link_quotes(made), 2) == []


def test_words_of_the_article_are_the_articles() -> None:
    made = thread(comment(1, "Ada", f"{LONG} What a sentence!"), text=f"A title line.\n\n{LONG}\n\nThe end.")
    assert found(link_quotes(made), 1) == [(LONG, ARTICLE)]


def test_a_comment_that_leaked_into_the_article_stays_its_authors() -> None:
    made = thread(comment(1, "Ada", LONG), text=f"A title line.\n\n{LONG}\n\nThe end.")
    assert found(link_quotes(made), 1) == []


def test_a_small_change_does_not_end_a_quotation() -> None:
    changed = LONG.replace("nobody on the", "[no one] on the")
    made = thread(comment(1, "Ada", LONG), comment(2, "Ben", f"{changed} Really?", 1))
    assert found(link_quotes(made), 2) == [(changed, "t:1")]


def test_a_quotation_with_an_elision_is_linked_to_what_comes_nearest() -> None:
    body = "> The ferry needs two hours … has ever waited in that queue.\n\nTrue."
    made = thread(comment(1, "Ada", LONG), comment(2, "Ben", body, 1, quotes=(Quote(0, body.index("\n")),)))
    assert found(link_quotes(made), 2)[0][1] == "t:1"


def test_a_quotation_of_something_outside_stays_unlinked() -> None:
    body = "> To be or not to be, that is the question\n\nSays the poet."
    made = thread(comment(1, "Ada", LONG), comment(2, "Ben", body, 1, quotes=(Quote(0, body.index("\n")),)))
    assert found(link_quotes(made), 2)[0][1] is None


def test_a_quotation_of_another_branch_is_found() -> None:
    made = thread(
        comment(1, "Ada", "Something else entirely, and long enough to be read."),
        comment(2, "Ben", f"> {LONG}\n\nI agree with the one below.", 1, quotes=(Quote(0, len(LONG) + 2),)),
        comment(3, "Cleo", LONG),
    )
    assert found(link_quotes(made), 2)[0][1] == "t:3"


def test_a_comment_that_answers_nobody_may_quote_an_earlier_one() -> None:
    made = thread(comment(1, "Ada", LONG), comment(2, "Ben", f'"{LONG}" That is wrong.'))
    assert found(link_quotes(made), 2) == [(f'"{LONG}"', "t:1")]


def test_a_double_post_and_a_signature_are_no_quotations() -> None:
    signed = "Sent from my harbour telegraph on the north quay by hand"
    made = thread(
        comment(1, "Ada", f"One. {signed}"), comment(2, "Ada", f"Two. {signed}", 1), comment(3, "Ada", signed, 2)
    )
    assert all(not one.quotes for one in link_quotes(made).comments)


def test_a_link_that_the_source_gives_is_kept_and_named() -> None:
    made = thread(comment(1, "Ada", "Yes."), comment(2, "Ben", "Yes.\n\nNo.", 1, quotes=(Quote(0, 4, "t:1"),)))
    assert link_quotes(made).comments[1].quotes == (Quote(0, 4, "t:1", "Ada"),)


def test_languages_without_spaces_are_compared_by_character() -> None:
    words = "他们确实杀死了领导人并接管了组织"
    made = thread(comment(1, "Ada", f"{words}。"), comment(2, "Ben", f"{words}？不是。", 1))
    assert found(link_quotes(made), 2) == [(f"{words}？", "t:1")]


def test_a_thread_without_quotations_is_returned_as_it_is() -> None:
    made = thread(comment(1, "Ada", LONG), comment(2, "Ben", "No.", 1))
    assert link_quotes(made) is made


def test_a_long_chain_of_the_same_words_is_linked_to_the_first() -> None:
    made = thread(*(comment(n, f"p{n}", f"{LONG} {n}", n - 1 or None) for n in range(1, 300)))
    linked = link_quotes(made)
    assert all(one.quotes and one.quotes[0].comment_id == "t:1" for one in linked.comments[1:])


def test_quotations_in_real_threads_are_traced_to_their_source(shared: Path) -> None:
    folder = shared / "evalsets/slashdot_threads"
    threads = {}
    for line in (folder / "threads.A.jsonl").read_text(encoding="utf-8").splitlines():
        data = json.loads(line)
        comments = tuple(
            Comment(c["id"], at, c["parent_id"], c["parent_id"], c["author"], c["text"])
            for at, c in enumerate(data["comments"], 1)
        )
        made = Thread(data["thread_id"], "slashdot", Article(data["title"], text=data["article"]), comments)
        threads[made.id] = link_quotes(made)
    right = total = 0
    for line in (folder / "quote_source.A.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        one = threads[case["thread_id"]].get(case["in_comment"])
        assert one is not None
        start = one.body.index(case["quote"])
        end = start + len(case["quote"])
        sources = {quote.comment_id for quote in one.quotes if quote.start < end and start < quote.end}
        right += case["gold_source"] in sources
        total += 1
    assert right / total >= 0.99

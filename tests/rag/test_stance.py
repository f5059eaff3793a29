"""Several voices are counted from the tree, with the denominator, and quoted each under its own name."""

from ingest.thread import Thread
from rag.evidence import Hit
from rag.passages import passages
from rag.query import Query
from rag.stance import stance
from tests.builders import comment, debate, thread


def ask(question: str, **fields: object) -> Query:
    return Query(question, question, (question,), kind="stance", **fields)  # type: ignore[arg-type]


def test_open_disagreement_with_a_person_is_counted_among_all_replies() -> None:
    bridge = debate()
    claims = stance(ask("Who disagrees with Ada?", addressees=("Ada",)), [], {bridge.id: bridge})
    assert claims[0].text == "Of 1 comment that answers or names Ada, 1 openly disagrees and 0 openly agree."
    assert [citation.number for citation in claims[0].citations] == ["c2"]
    assert claims[1].speaker == "Ben"
    assert claims[1].text.startswith("Ben disagrees: “I disagree with Ada.")


def test_agreement_is_told_apart_from_disagreement() -> None:
    bridge = debate()
    claims = stance(ask("Who agrees with Ben?", addressees=("Ben",)), [], {bridge.id: bridge})
    assert [citation.number for citation in claims[0].citations] == ["c4"]
    assert "does not say either in so many words" in claims[0].text


def test_a_subject_is_answered_with_those_who_speak_to_it_and_the_rest_counted() -> None:
    bridge = debate()
    hits = [
        Hit(passage, 1.0, bridge.get(passage.comment_id).author, bridge.get(passage.comment_id).tag)  # type: ignore[union-attr]
        for passage in passages(bridge)
        if passage.comment_id in ("t:2", "t:4")
    ]
    claims = stance(ask("What do commenters think of the ferries?"), hits, {bridge.id: bridge})
    # Ada, Ben, Cleo Brandt and the one without a name make four; Ben and the unnamed one speak to it.
    assert claims[0].text == "At least 2 of 4 commenters speak to this."


def test_nobody_to_quote_gives_no_claims() -> None:
    bridge = debate()
    assert stance(ask("What do commenters think of opera?"), [], {bridge.id: bridge}) == []


def test_siding_with_one_person_against_another_means_agreement_with_the_first() -> None:
    bridge = debate()
    query = ask("Who sides with Ben against Ada?", addressees=("Ben", "Ada"))
    claims = stance(query, [], {bridge.id: bridge})
    assert [citation.number for citation in claims[0].citations] == ["c4"]
    assert [claim.text.split(":")[0] for claim in claims[1:]] == ["A commenter without a name (c4) agrees"]


def scored(bridge: Thread, **scores: float) -> list[Hit]:
    """Return the first passage of each comment with its score."""
    found = {}
    for passage in passages(bridge):
        one = bridge.get(passage.comment_id)
        if one is not None and one.tag in scores:
            found.setdefault(one.tag, Hit(passage, scores[one.tag], one.author, one.tag, passage.sentences[0]))
    return sorted(found.values(), key=lambda hit: -hit.score)


HARBOUR = thread(
    comment(1, "Ada", "The lighthouse should stay. It guided my father home. He was a fisherman."),
    comment(2, "Ben", "Agreed. Rents went up again this summer.", parent=1),
    comment(3, "Cleo", "I disagree, the lighthouse is a ruin.", parent=1),
    comment(4, "Dora", "The bakery opens at seven."),
    comment(5, "Emil", "Seagulls."),
)


def test_a_voice_well_below_the_best_one_speaks_to_the_subject_only_where_it_names_it() -> None:
    hits = scored(HARBOUR, c1=3.0, c3=1.2, c4=1.2)
    claims = stance(ask("What do people think of the lighthouse?"), hits, {HARBOUR.id: HARBOUR})
    assert [citation.number for citation in claims[0].citations] == ["c1", "c3"]


def test_a_voice_is_quoted_with_the_sentences_around_the_one_found() -> None:
    claims = stance(ask("What do people think of the lighthouse?"), scored(HARBOUR, c1=3.0), {HARBOUR.id: HARBOUR})
    assert "It guided my father home." in claims[1].text


def test_agreement_in_a_reply_that_does_not_name_the_subject_is_no_agreement_with_the_subject() -> None:
    hits = scored(HARBOUR, c1=3.0, c2=2.9, c3=2.8)
    claims = stance(ask("Who objects to the lighthouse?"), hits, {HARBOUR.id: HARBOUR})
    assert [claim.text.split(":")[0] for claim in claims[1:]] == ["Cleo is against it", "Ada", "Ben"]


def test_where_both_sides_are_asked_for_both_are_counted() -> None:
    hits = scored(HARBOUR, c1=3.0, c3=2.8)
    claims = stance(ask("Who complains about the lighthouse, and who defends it?"), hits, {HARBOUR.id: HARBOUR})
    assert claims[0].text.endswith("2 of 5 commenters speak to this, none openly for it and 1 openly against it.")


def test_what_was_not_found_is_not_called_silence() -> None:
    claims = stance(ask("What do people think of the lighthouse?"), scored(HARBOUR, c1=3.0), {HARBOUR.id: HARBOUR})
    assert claims[0].text == "At least 1 of 5 commenters speaks to this."


def test_without_a_tree_whoever_speaks_to_somebody_or_quotes_them_answers_them() -> None:
    pier = thread(
        comment(1, "Ada Quist", "The pier should stay open."),
        comment(2, "Ben", "Hi Ada, I disagree: it costs too much."),
        comment(3, "Cleo", "It is sunny today."),
    )
    claims = stance(ask("Who disagrees with Ada Quist?", addressees=("Ada Quist",)), [], {pier.id: pier})
    assert claims[0].text == "Of 1 comment that answers or names Ada Quist, 1 openly disagrees and 0 openly agree."
    assert [claim.speaker for claim in claims[1:]] == ["Ben"]

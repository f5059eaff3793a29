"""On a subject open sides are counted; tone orders the other voices and counts nobody."""

from ingest.thread import Thread
from rag.cues import Position
from rag.evidence import Claim, Hit
from rag.feeling import feeling
from rag.passages import passages
from rag.query import Query
from rag.stance import stance
from rag.views import about_subject
from tests.builders import comment, thread

QUAY = thread(
    comment(1, "Ada", "The new quay is beautiful and useful, a wonderful gift to the town."),
    comment(2, "Ben", "The new quay is a pointless waste and an ugly mess."),
    comment(3, "Cleo", "The new quay is 80 metres long."),
    comment(4, "Dora", "I disagree. My boat leaks since May.", parent=1),
    comment(5, "Emil", "Exactly, a shame.", parent=2),
    comment(6, "Fay", "I am against the new quay.", parent=3),
    comment(7, "Gus", "Seagulls."),
    title="A quay for the harbour",
    text="The town has built a quay.",
)
FOUND = {"c1": 2.0, "c2": 2.0, "c3": 2.0, "c6": 2.0}


def hits(source: Thread = QUAY, scores: dict[str, float] | None = None) -> list[Hit]:
    """Return the first passage of each comment with a score, all alike near."""
    found = {}
    for passage in passages(source):
        one = source.get(passage.comment_id)
        if one is not None and one.tag in (scores or FOUND):
            found.setdefault(
                one.tag, Hit(passage, (scores or FOUND)[one.tag], one.author, one.tag, passage.sentences[0])
            )
    return list(found.values())


def told(question: str, wanted: Position | None) -> list[Claim]:
    query = Query(question, question, (question,), kind="stance")
    return about_subject(query, hits(), {QUAY.id: QUAY}, wanted, feeling)


def speakers(claims: list[Claim]) -> list[str]:
    return [claim.text.split(":")[0] for claim in claims[1:]]


def test_critics_come_first_and_praise_is_left_out_where_critics_are_asked_for() -> None:
    claims = told("Who is against the new quay?", "disagrees")
    assert speakers(claims) == ["Fay is against it", "Ben", "Emil agrees with Ben", "Cleo"]


def test_friends_come_first_where_friends_are_asked_for() -> None:
    claims = told("Who supports the new quay?", "agrees")
    assert speakers(claims)[:2] == ["Ada", "Cleo"]
    assert "Ben" not in speakers(claims)


def test_tone_counts_nobody() -> None:
    lead = told("Who is against the new quay?", "disagrees")[0].text
    assert ", 1 of them openly against it." in lead
    assert lead.endswith("1 of them openly against it.")


def test_a_critic_who_shares_no_word_with_the_question_is_found_below_a_friend_of_the_subject() -> None:
    query = Query("Who is against the new quay?", "Who is against the new quay?", ("new quay",), kind="stance")
    found = hits(scores={"c1": 2.0, "c3": 2.0})
    claims = about_subject(query, found, {QUAY.id: QUAY}, "disagrees", lambda text: 0.4 if "gift" in text else 0.0)
    assert "Dora disagrees with Ada" in speakers(claims)
    assert "c4" in {citation.number for citation in claims[0].citations}


def test_whoever_agrees_with_a_friend_of_the_subject_is_no_critic() -> None:
    found = hits(scores={"c2": 2.0})
    query = Query("Who is against the new quay?", "Who is against the new quay?", ("new quay",), kind="stance")
    claims = about_subject(query, found, {QUAY.id: QUAY}, "disagrees", lambda text: 0.4)
    assert speakers(claims) == ["Ben"]


def test_a_question_for_the_majority_counts_both_open_sides_and_claims_none() -> None:
    lead = told("Do most commenters like the new quay?", None)[0].text
    assert "none openly for it and 1 openly against it" in lead


def test_the_article_is_no_voice() -> None:
    article = next(passage for passage in passages(QUAY) if passage.comment_id == "article")
    query = Query("Who is against the new quay?", "Who is against the new quay?", ("new quay",), kind="stance")
    claims = stance(query, [Hit(article, 9.0, None, "article"), *hits()], {QUAY.id: QUAY})
    assert "article" not in {citation.number for claim in claims for citation in claim.citations}
    assert len(claims) > 2


def test_words_of_another_language_have_no_tone_and_no_order_is_claimed() -> None:
    kai = thread(
        comment(1, "Ada", "Die Brücke ist die Schande der Stadt und war nie die Lösung."),
        comment(2, "Ben", "Die Brücke ist nicht die Antwort, die wir brauchen."),
    )
    query = Query("Wer ist gegen die Brücke?", "Wer ist gegen die Brücke?", ("Brücke",), kind="stance")
    found = hits(kai, {"c1": 2.0, "c2": 2.0})
    claims = about_subject(query, found, {kai.id: kai}, "disagrees", feeling)
    assert feeling("Die Brücke ist nicht die Antwort, die wir brauchen.") == 0.0
    assert claims[0].text.endswith("none says outright to be against it.")
    assert speakers(claims) == ["Ada", "Ben"]

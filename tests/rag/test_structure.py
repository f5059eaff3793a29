from pathlib import Path

import pytest

import ingest.samples
from ingest.registry import load
from ingest.source import Source
from ingest.thread import Thread
from rag import structure
from rag.evidence import Answer, Scope
from rag.question import understand
from tests.builders import comment, debate, thread
from tests.rag.market import market
from tests.rag.wordings import WORDINGS


def ask(question: str, *threads: Thread) -> Answer:
    answer = structure.answer(understand(question, (), threads), threads)
    assert answer is not None, f"not taken for a question of structure: {question}"
    return answer


def numbers(answer: Answer) -> set[int]:
    """Return the display numbers of the comments that the first claim rests on."""
    return {int(one.number[1:]) for one in answer.claims[0].citations if one.number != "article"}


@pytest.fixture(scope="module")
def sample() -> Thread:
    (found,) = load(Source.from_path(Path(ingest.samples.__file__).with_name("idlib_thread.txt")))
    return found


ALL = set(range(1, 10))

MARKET: dict[tuple[str, frozenset[int]], tuple[str, ...]] = {
    ("There are 9 comments in this file, not counting 1 deleted or hidden one.", frozenset(ALL)): (
        "How many comments are there?",
        "What's the total number of comments?",
        "Count the comments.",
        "How large is the discussion?",
        "How many posts does this thread have?",
        "How many messages were left under the article?",
        "Can you tell me how many comments there are in this thread?",
    ),
    ("5 named people commented in this file (9 comments in all)", frozenset(ALL)): (
        "How many different people are in this discussion?",
        "How many users commented on the market hall article?",
        "How many participants are there?",
        "How many distinct commenters?",
        "How many commenters are there, and how many are unnamed?",
        "List all the people who commented.",
        "Who are the commenters?",
        "Who took part in the discussion?",
        "Give me the names of everyone who commented.",
        "Who participated?",
    ),
    ("2 of the 9 comments in this file are by Otto Falk", frozenset({1, 3})): (
        "How many of the comments are by Otto Falk?",
        "How many times did Otto post?",
        "How often did otto falk comment?",
        "What is the number of comments written by Oto Falk?",
        "How many comments has Falk made?",
        "Which comments did Otto Falk write?",
        "Show me everything by Otto.",
        "List Otto's comments.",
    ),
    ("1 of the 9 comments in this file bears no name", frozenset({9})): (
        "How many comments are anonymous?",
        "How many comments have no name?",
        "How many unnamed comments are there?",
    ),
    ("3 of the 9 comments in this file answer ines_77 directly", frozenset({3, 4, 6})): (
        "How many responses did ines_77's comments receive?",
        "How many replies did ines_77 get?",
        "Number of replies to ines_77?",
        "Show the replies to ines_77.",
    ),
    ("2 of the 9 comments in this file answer c2 by ines_77", frozenset({3, 4})): (
        "How many replies did c2 receive?",
        "How many direct replies does comment 2 have?",
        "Show the replies to c2.",
        "Which comments reply to c2?",
    ),
    ("3 named people replied to ines_77 in this file", frozenset({3, 4, 6})): (
        "Who responded to ines_77?",
        "How many people answered ines_77?",
        "Name everyone who replied to ines_77.",
        "Which commenters reacted to @ines_77?",
        "By whom was ines_77 answered?",
    ),
    ("2 named people replied to c2 by ines_77 in this file", frozenset({3, 4})): (
        "Who answered comment #2?",
        "Who replied to c2?",
        "Who answered ines_77's point about the school?",
        "Who responded to ines_77's comment on the nine million?",
        "Who replied to the most replied-to comment?",
    ),
    ("ines_77 replied to 2 named people in this file: Otto Falk (c2) and Ann Lee (c5)", frozenset({2, 5})): (
        "Who does ines_77 answer?",
        "Whom did ines_77 reply to?",
        "To whom did ines_77 respond?",
        "How many people did ines_77 reply to?",
        "Who got a reply from ines_77?",
        "Who was answered by ines_77?",
    ),
    ("3 of the 9 comments in this file are top-level", frozenset({1, 7, 9})): (
        "How many comments are top-level?",
        "How many comments start a new thread?",
        "How many top level comments are there?",
    ),
    ("6 of the 9 comments in this file are replies", frozenset({2, 3, 4, 5, 6, 8})): (
        "How many comments are replies?",
        "How many replies are there in total?",
    ),
    ("5 of the 9 comments in this file have no replies", frozenset({3, 6, 7, 8, 9})): (
        "How many comments got no answer?",
        "Which comments did nobody answer?",
        "List the comments without any replies.",
        "Which comments received no response?",
        "Which comments are unanswered?",
    ),
    ("4 of the 9 comments in this file have replies", frozenset({1, 2, 4, 5})): (
        "How many comments received at least one reply?",
        "How many comments have been answered?",
    ),
    ("Yes, in 1 of the 9 comments in this file: c4 by Ann Lee", frozenset({4})): (
        "Did Ann Lee answer ines_77?",
        "Has Ann Lee ever replied to ines_77?",
        "Was ines_77 answered by Ann Lee?",
    ),
    ("No: Otto Falk did not reply to Ann Poe in this file (9 comments)", frozenset()): (
        "Has Otto ever replied to Ann Poe?",
        "Did Otto Falk respond to Ann Poe?",
    ),
    ("No: nobody replied to Mika in this file", frozenset()): (
        "Did anyone respond to Mika?",
        "Did Mika get any replies?",
    ),
    ("commented most in this file: 2 each of the 9 comments", frozenset({1, 2, 3, 5, 6, 7})): (
        "Who wrote the most comments?",
        "Who posted most often?",
        "Which user was most active?",
        "Who is the most prolific commenter?",
    ),
    ("Ann Lee and Mika commented least", frozenset({4, 8})): ("Who wrote the fewest comments?", "Who commented least?"),
    ("The first of the 9 comments in this file is c1 by Otto Falk", frozenset({1})): (
        "Who was the first to comment?",
        "Who commented first?",
        "What was the earliest comment?",
        "Who wrote the first comment?",
        "Which comment was posted first?",
    ),
    ("The last of the 9 comments in this file is c9 by a commenter without a name", frozenset({9})): (
        "Whose comment came last?",
        "Who had the last word?",
        "Which is the newest comment?",
    ),
    ("The longest of the 9 comments in this file is c7 by Ann Poe, with 23 words", frozenset({7})): (
        "Whose comment is the longest?",
        "Which comment has the most words?",
        "Who wrote the longest comment?",
        "What is the lengthiest post?",
    ),
    ("The shortest of the 9 comments in this file is c3 by Otto Falk, with 6 words", frozenset({3})): (
        "Who wrote the shortest comment?",
        "Which comment is the briefest?",
    ),
    ("The most replied-to of the 9 comments in this file is c2", frozenset({2})): (
        "Which comment drew the most responses?",
        "Whose comment got the most replies?",
        "What's the most replied-to comment?",
    ),
    ("ines_77 got the most replies in this file: 3 of the 5 replies", frozenset({3, 4, 6})): (
        "Who received the most replies?",
        "Who was replied to the most?",
    ),
    ("ines_77 replied most often in this file: 2 of the 6 replies", frozenset({2, 5})): (
        "Who replied most often?",
        "Who wrote the most replies?",
    ),
    ("The highest-scoring of the 9 comments in this file is c2 by ines_77, with 7 points", frozenset({2})): (
        "Which comment is the highest rated?",
        "Which comment got the most upvotes?",
        "What is the top-voted comment?",
    ),
    ("is c7 by Ann Poe, with -1 points", frozenset({7})): ("What is the lowest-scoring comment?",),
    ("c2 by ines_77 has a score of 7", frozenset({2})): ("What's the score of c2?", "How many points did c2 get?"),
    ("go 5 levels deep: c6 by Ann Poe stands 4 replies below", frozenset({1, 2, 4, 5, 6})): (
        "What's the maximum depth of the thread?",
        "How many levels of nesting are there?",
        "How deep do the replies go?",
    ),
    ("The deepest chain in this file has 5 comments", frozenset({1, 2, 4, 5, 6})): (
        "What is the longest chain of replies?",
        "What is the longest back-and-forth?",
    ),
    ("c4 is by Ann Lee", frozenset({4})): ("Who wrote c4?", "Who is the author of comment 4?", "Whose comment is c4?"),
    ("c5 by ines_77 was written at 2024-03-03 07:15", frozenset({5})): ("When was c5 written?",),
    ("c7 by Ann Poe has 23 words", frozenset({7})): ("How long is c7?", "How many words does c7 have?"),
    ("c6 answers c5 by ines_77", frozenset({5, 6})): ("What does c6 reply to?", "Which comment is c6 a reply to?"),
    ("is c9 by a commenter without a name, at 2024-03-05 18:45", frozenset({9})): (
        "When was the last comment posted?",
    ),
    ("run from 2024-03-02 08:00", frozenset({1, 9})): ("Over what period did people comment?",),
    ("3 of the 9 comments in this file were written on 3 March", frozenset({5, 6, 7})): (
        "How many comments were written on March 3?",
        "How many comments were posted on the 3rd of March?",
    ),
    ("3 of the 9 comments in this file mention “parking” in their own words", frozenset({4, 7, 8})): (
        "How many comments mention parking?",
        "How often is parking mentioned?",
    ),
    ("2 of the 9 comments in this file mention “traders”", frozenset({4, 7})): (
        "Which comments mention traders?",
        "How many comments mention traders?",
        "How often are traders mentioned in the comments?",
        "In how many comments are the traders mentioned?",
    ),
    ("2 named people mentioned “school”", frozenset({2, 3})): (
        "How many people mention the school?",
        "Which commenters talk about the school?",
    ),
    ("3 named people wrote at least 2 comments", frozenset({1, 2, 3, 5, 6, 7})): (
        "Who commented more than once?",
        "Which people wrote several comments?",
    ),
    ("2 named people wrote exactly 1 comment", frozenset({4, 8})): (
        "Who only wrote one comment?",
        "How many commenters commented just once?",
    ),
    ("2 of the 5 named people in this file never got a reply: Ann Poe and Mika", frozenset({6, 7, 8})): (
        "Who did not get any replies?",
        "Which commenters got no replies?",
    ),
    ("1 of the 5 named people in this file never replied to ines_77: Mika", frozenset({8})): (
        "Who did not reply to ines_77?",
        "Who never answered ines_77?",
    ),
    ("2 of the 9 comments in this file are by ines_77, that is 22%", frozenset({2, 5})): (
        "What percentage of the comments are by ines_77?",
        "What share of comments is from ines_77?",
    ),
    ("they have 18 of the 99 words", frozenset({2, 5})): ("How many words did ines_77 write in total?",),
    ("By number of comments in this file, of 9: Otto Falk (2), ines_77 (2), Ann Poe (2), Ann Lee (1)", frozenset()): (),
    ("5 of the 9 comments in this file stand below c1", frozenset({2, 3, 4, 5, 6})): (
        "How many comments are under c1?",
        "How many comments stand below comment 1?",
    ),
}
PHRASINGS = [(question, *key) for key, questions in MARKET.items() for question in questions]


@pytest.mark.parametrize(("question", "text", "evidence"), PHRASINGS, ids=[case[0] for case in PHRASINGS])
def test_every_wording_of_a_structure_question_gives_the_counted_answer(
    question: str, text: str, evidence: frozenset[int]
) -> None:
    answer = ask(question, market())
    assert text in answer.text
    assert numbers(answer) == evidence
    assert answer.route == "structure"
    assert not answer.abstained


SAMPLE = (
    ("How many comments are there?", "There are 14 comments in this file", set(range(1, 15))),
    ("How many people commented?", "2 comments without a name (one or two people)", set(range(1, 15))),
    (
        "How many comments did bianca write?",
        "8 of the 14 comments in this file are by Bianca",
        {2, 4, 6, 7, 8, 10, 12, 14},
    ),
    ("Who replied to Bianca?", "Don (c9), Dracaveli (c11) and Valerianus Maximus (c13)", {3, 5, 9, 11, 13}),
    ("Who replied to Bianca's comment about Operation Zero Footprint?", "Dracaveli (c11) and Valerianus Max", {11, 13}),
    ("Whom did Maximus answer?", "Valerianus Maximus replied to 1 named person in this file: Bianca (c13)", {13}),
    ("Did Don reply to Bianca?", "Yes, in 1 of the 14 comments in this file: c9 by Don", {9}),
    ("Did nhmakingwaves reply to Bianca?", "No: nhmakingwaves did not reply to Bianca", {2}),
    ("Who commented most?", "Bianca commented most in this file: 8 of the 14 comments", {2, 4, 6, 7, 8, 10, 12, 14}),
    ("Which comment is the longest?", "is c10 by Bianca, with 449 words", {10}),
    ("How deep does the thread go?", "go 6 levels deep: c6 by Bianca", {1, 2, 3, 4, 5, 6}),
    ("How many top-level comments are there?", "3 of the 14 comments in this file are top-level", {1, 7, 8}),
    ("How many comments have no author?", "2 of the 14 comments in this file bear no name", {3, 5}),
    ("Who wrote the article?", "The article is by Jason Ditz", set()),
    ("Did the author of the article comment?", "No: Jason Ditz did not in this file", set()),
    ("Which comments mention Turkey?", "3 of the 14 comments in this file mention “Turkey”", {4, 7, 10}),
)


@pytest.mark.parametrize(("question", "text", "evidence"), SAMPLE, ids=[case[0] for case in SAMPLE])
def test_the_sample_thread_is_counted_exactly(question: str, text: str, evidence: set[int], sample: Thread) -> None:
    answer = ask(question, sample)
    assert text in answer.text
    assert numbers(answer) == evidence


CONTENT = (
    "How many people died according to the article?",
    "How many militants laid down weapons?",
    "Who replied to the ultimatum?",
    "How many traders signed the petition?",
    "Who signed the petition?",
    "How much would the hall cost?",
    "When will the hall open?",
    "What did Otto reply to ines_77?",
    "What was the first argument against the hall?",
    "How long would it take to build?",
    "How many commenters support the hall?",
    "How many people agree with Otto?",
    "Who asked about heating?",
    "Who said that nobody asked them?",
    "Who answered the question about the money?",
    "When did the traders sign?",
    "What does Ann Poe think of the petition?",
    "Summarise the discussion.",
    "What is the discussion about?",
    "Which traders were asked?",
    "What is the longest bridge in the country?",
    "Who was the first mayor?",
    "How many stalls are there?",
    "Did Otto agree with ines_77?",
    "What do most commenters think?",
    "How deep is the harbour?",
)


@pytest.mark.parametrize("question", CONTENT)
def test_a_question_about_content_is_not_counted(question: str) -> None:
    query = understand(question, (), [market()])
    assert query.kind != "structure"
    assert structure.answer(query, [market()]) is None


def test_a_vote_or_a_time_that_the_source_lacks_is_declined() -> None:
    for question in ("Which comment has the most votes?", "When was the first comment posted?", "When was c1 written?"):
        answer = ask(question, debate())
        assert answer.abstained
        assert answer.reason == "detail_absent"
        assert "The source gives no" in answer.text


def test_a_missing_byline_and_date_are_said_to_be_missing() -> None:
    for question in ("Who wrote the article?", "When was the article published?", "What is the link to the article?"):
        answer = ask(question, debate())
        assert answer.abstained
        assert answer.reason == "detail_absent"


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who wrote this piece?", "by Rhea Lindqvist"),
        ("Who is the author?", "by Rhea Lindqvist"),
        ("When did the article come out?", "dated 2024-03-02"),
        ("What is the headline?", "“Town plans a covered market hall”"),
        ("What is the link to the article?", "https://example.org/market"),
        ("How many words does the article have?", "30 words"),
    ],
)
def test_article_fields_are_answered_and_cite_the_article(question: str, text: str) -> None:
    answer = ask(question, market())
    assert text in answer.text
    assert [one.comment for one in answer.claims[0].citations] == ["article"]


@pytest.mark.parametrize(
    "question",
    ["Who replied to Zoe?", "How many comments did Petra Novak write?", "Did Boris Quade reply to Ann Lee?"],
)
def test_a_person_who_is_not_there_is_said_to_be_absent(question: str) -> None:
    answer = ask(question, market())
    assert answer.abstained
    assert answer.reason == "person_absent"
    assert answer.text.startswith("Nobody called")


def test_the_nearest_names_are_offered_for_an_absent_person() -> None:
    answer = ask("How many comments did Ann Leighton write?", market())
    assert answer.reason == "person_absent"
    assert "Ann Lee" in answer.text


def test_an_absent_comment_number_is_named() -> None:
    assert "There is no c42" in ask("Who replied to c42?", market()).text


def test_an_ambiguous_name_asks_back() -> None:
    answer = ask("How many comments did Ann write?", market())
    assert answer.reason == "ambiguous"
    assert "Ann Lee or Ann Poe" in answer.text


def test_a_reply_placed_by_evidence_is_noted_beside_the_count() -> None:
    note = ask("Who replied to ines_77?", market()).claims[1]
    assert "c6 is counted as a reply to c5" in note.text
    assert [one.number for one in note.citations] == ["c6"]


def test_missing_comments_are_named_beside_a_total() -> None:
    assert "3 more comments that this file lacks" in ask("How many comments are there?", market()).text


def test_a_complete_source_is_called_a_thread_and_an_extracted_one_a_file() -> None:
    whole = thread(comment(1, "Ada", "Yes."), comment(2, "Ben", "No.", 1))
    extracted = thread(comment(1, "Ada", "Yes."), comment(2, "Ben", "No.", 1), missing=None)
    assert ask("How many comments are there?", whole).text == "There are 2 comments in this thread."
    assert ask("How many comments are there?", extracted).text == "There are 2 comments in this file."


def test_many_unnamed_comments_may_be_any_number_of_people() -> None:
    found = thread(*(comment(number, None, f"Line {number}.") for number in range(1, 6)))
    assert "5 comments without a name (anything from one to 5 people)" in ask("How many people commented?", found).text


def test_a_quoted_word_is_not_counted_as_the_quoting_persons_mention() -> None:
    from ingest.thread import Quote

    body = "The ferry sank.\nNo it did not."
    found = thread(
        comment(1, "Ada", "The ferry sank."),
        comment(2, "Ben", body, 1, quotes=(Quote(0, 15, "t:1", "Ada"),)),
    )
    assert numbers(ask("How many comments mention the ferry?", found)) == {1}


def test_counts_span_several_threads() -> None:
    both = (debate(), market())
    assert "There are 15 comments in these 2 threads" in ask("How many comments are there?", *both).text
    answer = ask("Which thread has the most comments?", *both)
    assert "“Town plans a covered market hall” has the most: 9 comments" in answer.text
    assert "There are 2 threads" in ask("How many threads are there?", *both).text


def test_a_scope_of_threads_limits_the_count() -> None:
    both = (debate(), market())
    query = understand("How many comments are there?", (), both, Scope(thread_ids=("bridge",)))
    answer = structure.answer(query, both)
    assert answer is not None
    assert "There are 6 comments in this thread" in answer.text


def test_every_citation_is_the_text_of_its_comment() -> None:
    found = market()
    for question, _, _ in PHRASINGS:
        for claim in ask(question, found).claims:
            for one in claim.citations:
                if one.comment == "article":
                    continue
                body = found.text_of(one.comment)
                assert body is not None
                assert body[one.start : one.end] == one.quote != ""


def test_a_stub_is_never_evidence() -> None:
    answer = ask("What does c8 reply to?", market())
    assert "c8 answers a comment that is gone" in answer.text
    assert numbers(answer) == {8}


def test_swapping_two_authors_changes_the_answer() -> None:
    before = ask("Who wrote the most comments?", debate())
    swapped = thread(
        *(
            comment(c.number or 0, {"Ada": "Cleo Brandt", "Cleo Brandt": "Ada"}.get(c.author or "", c.author), c.body)
            for c in debate().comments
        )
    )
    assert "Ada and Ben" in before.text
    assert "Cleo Brandt" in ask("Who wrote the most comments?", swapped).text


@pytest.mark.parametrize(("where", "question", "text", "evidence"), WORDINGS, ids=[case[1] for case in WORDINGS])
def test_wordings_written_apart_from_the_rules_are_read_as_well(
    where: str, question: str, text: str | None, evidence: frozenset[int] | None, sample: Thread
) -> None:
    found = {"market": market(), "debate": debate(), "sample": sample}[where]
    answer = structure.answer(understand(question, (), [found]), [found])
    if text is None:
        assert answer is None
        return
    assert answer is not None
    assert text in answer.text
    assert evidence is None or numbers(answer) == evidence


@pytest.mark.parametrize(
    ("question", "text", "evidence"),
    [
        (
            "How many comments are not by ines_77?",
            "7 of the 9 comments in this file are not by ines_77",
            {1, 3, 4, 6, 7, 8, 9},
        ),
        ("How many comments have more than 20 words?", "1 of the 9 comments in this file has at least 21 words", {7}),
        ("Which comments have at least two replies?", "has at least 2 direct replies", {2}),
        (
            "How many comments have more than 3 points?",
            "3 of the 9 comments in this file have at least 4 points",
            {1, 2, 4},
        ),
        ("How many comments did Otto and Ann Poe write?", "Otto Falk 2 and Ann Poe 2", {1, 3, 6, 7}),
        ("Who wrote more comments, Otto or Mika?", "Otto Falk (2) and Mika (1)", {1, 3, 8}),
    ],
)
def test_negations_bounds_and_comparisons_are_counted(question: str, text: str, evidence: set[int]) -> None:
    answer = ask(question, market())
    assert text in answer.text
    assert numbers(answer) == evidence


@pytest.mark.parametrize(
    "question",
    [
        "How many comments did Otto write after ines_77?",
        "How many comments were posted after lunch?",
        "How many comments did Otto write before the vote?",
        "What is the average number of comments per person?",
        "When will it run?",
    ],
)
def test_a_condition_that_the_tree_reader_does_not_know_is_never_dropped(question: str) -> None:
    assert understand(question, (), [market()]).structure is None


@pytest.mark.parametrize(
    ("question", "text", "evidence"),
    [
        (
            "Wie viele Kommentare hat Otto Falk geschrieben?",
            "2 of the 9 comments in this file are by Otto Falk",
            {1, 3},
        ),
        ("Wer hat auf ines_77 geantwortet?", "3 named people replied to ines_77", {3, 4, 6}),
        ("Auf wen hat ines_77 geantwortet?", "ines_77 replied to 2 named people", {2, 5}),
        ("Hat Ann Lee auf ines_77 geantwortet?", "Yes, in 1 of the 9 comments", {4}),
        ("Wie viele Kommentare haben keinen Namen?", "1 of the 9 comments in this file bears no name", {9}),
        ("Wer hat am meisten kommentiert?", "commented most in this file: 2 each", {1, 2, 3, 5, 6, 7}),
        ("Combien de commentaires y a-t-il ?", "There are 9 comments", ALL),
        ("Qui a répondu à ines_77 ?", "3 named people replied to ines_77", {3, 4, 6}),
        ("¿Cuántos comentarios escribió Otto Falk?", "2 of the 9 comments in this file are by Otto Falk", {1, 3}),
        ("¿Quién respondió a ines_77?", "3 named people replied to ines_77", {3, 4, 6}),
    ],
)
def test_structure_questions_are_read_in_german_french_and_spanish(
    question: str, text: str, evidence: set[int]
) -> None:
    answer = ask(question, market())
    assert text in answer.text
    assert numbers(answer) == evidence


def test_a_real_thread_of_hundreds_is_counted_exactly(shared: Path) -> None:
    (found,) = load(Source.from_path(shared / "samples" / "hackernews" / "hn_40846428_firebase_bundle.json"))
    total = sum(one.status == "visible" for one in found.comments)
    answer = ask("How many comments are there?", found)
    assert f"There are {total:,} comments in this file" in answer.text
    assert len(answer.claims[0].citations) == total
    someone = next(one.author for one in found.comments if one.author)
    theirs = {one.number for one in found.comments if one.author == someone}
    assert numbers(ask(f"How many comments did {someone} write?", found)) == theirs
    assert ask("When was the last comment posted?", found).claims[0].citations

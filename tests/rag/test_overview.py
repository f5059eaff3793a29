"""An overview covers every branch, in the people's own words."""

from rag.overview import article_points, branch_claims, headline, points
from rag.passages import passages
from tests.builders import comment, debate, thread


def test_every_branch_is_told_with_its_root_and_an_answer() -> None:
    bridge = debate()
    told = [hit.number for hit in points(bridge, passages(bridge))]
    assert told[0] == "article"
    assert {"c1", "c5", "c6"} <= set(told)
    assert {"c2", "c4"} & set(told)


def test_branches_beyond_the_limit_are_still_told_by_their_roots() -> None:
    many = thread(*(comment(n, f"P{n}", f"Point number {n} about the harbour wall.") for n in range(1, 13)))
    told = [hit.number for hit in points(many, passages(many), branches=2)]
    assert [number for number in told if number != "article"] == [f"c{n}" for n in range(1, 13)]


def test_the_headline_counts_people_with_and_without_names_apart() -> None:
    claim = headline(debate())
    assert "6 comments by 3 named people and 1 comment without a name, in 2 branches" in claim.text
    assert [citation.number for citation in claim.citations] == ["c1", "c5"]


def test_each_point_says_who_answers_whom_and_quotes_only_its_speaker() -> None:
    bridge = debate()
    claims = branch_claims({bridge.id: bridge}, points(bridge, passages(bridge)))
    for claim in claims:
        for citation in claim.citations:
            text = bridge.text_of(citation.comment)
            assert text is not None
            assert text[citation.start : citation.end] == citation.quote
    assert any(claim.text.startswith("Ben answers Cleo Brandt:") for claim in claims)
    assert any(claim.text.startswith("Ada opens a branch of 4 comments:") for claim in claims)


def test_of_an_article_alone_its_opening_and_its_weightiest_words_are_told_in_order() -> None:
    long = thread(
        comment(1, "Ada", "The harbour wall leaks."),
        text="\n\n".join(
            f"Part {n} of the wall leaks at mark {n}. " + "It was built long ago. " * 30 for n in range(9)
        ),
    )
    told = article_points(long, passages(long))
    assert [hit.number for hit in told] == ["article"] * 4
    assert told[0].passage.start == 0
    assert [hit.passage.start for hit in told] == sorted(hit.passage.start for hit in told)


def test_of_many_comments_that_nobody_answered_the_weightiest_are_quoted_and_all_are_cited() -> None:
    words = "The harbour wall leaks at every spring tide and the council knows it."
    many = thread(
        comment(1, "Ada", words),
        comment(2, "Ben", "Yes it leaks.", parent=1),
        *(comment(n, f"P{n}", f"{words} Mark {n}." if n % 2 else "Seagulls.") for n in range(3, 40)),
    )
    told = [hit.number for hit in points(many, passages(many))]
    assert told[:2] == ["c1", "c2"]
    assert len(told) == 13
    assert all(int(number[1:]) % 2 for number in told[2:])
    claim = headline(many)
    assert claim.text.endswith("Quoted are the branches and the weightiest of the 37 comments that nobody answered.")
    assert len(claim.citations) == 38


def test_votes_bring_a_comment_that_nobody_answered_to_the_front() -> None:
    words = "The harbour wall leaks at every spring tide."
    many = thread(*(comment(n, f"P{n}", words, score=90 if n == 30 else 1) for n in range(1, 31)))
    assert "c30" in [hit.number for hit in points(many, passages(many))]


def test_nobody_is_quoted_twice_among_those_that_stand_alone() -> None:
    many = thread(*(comment(n, f"P{n % 5}", f"The harbour wall leaks at mark {n}.") for n in range(1, 31)))
    assert len(points(many, passages(many))) == 5


def test_the_point_of_an_article_is_not_its_title_again() -> None:
    wall = thread(
        comment(1, "Ada", "It leaks."),
        title="The harbour wall leaks",
        text="The harbour wall leaks. Repairs cost a million.",
    )
    assert points(wall, passages(wall))[0].sentence == (24, 47)


def test_whoever_judges_is_quoted_before_whoever_tells_a_story() -> None:
    stories = [comment(n, f"P{n}", f"The harbour wall was a place{n}x.") for n in range(1, 30)]
    many = thread(*stories, comment(30, "Ada", "The harbour wall was a shame."))
    assert "c30" in [hit.number for hit in points(many, passages(many))]

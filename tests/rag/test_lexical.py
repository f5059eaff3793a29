import threading

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.lexical import BM25, Counts, Spelling, content, coverage, grams, language_of, stem, terms, words


def test_words_are_lower_case_and_keep_numbers_whole() -> None:
    assert words("It cost 1,200 or 40.5 Euros") == ["it", "cost", "1200", "or", "40.5", "euros"]


def test_a_decimal_comma_is_not_a_thousands_mark() -> None:
    assert words("3,5 and 3,500") == ["3,5", "and", "3500"]


def test_text_without_spaces_becomes_pairs_of_characters() -> None:
    assert words("桥梁费用") == ["桥梁", "梁费", "费用"]
    assert words("桥") == ["桥"]
    assert words("GPT模型") == ["gpt", "模型"]


@example("the US")
@given(st.text(alphabet="aBUS.',12+# -\n`’éß①ﬁ" + "İ", max_size=20))
def test_words_are_cut_alike_whatever_stands_beside_them(text: str) -> None:
    assert words(f"{text} 桥") == [*words(text), "桥"]  # a script without spaces
    assert words(f"{text} É") == [*words(text), "é"]  # beyond ASCII


def test_initials_are_one_word_and_run_on_sentences_are_two() -> None:
    assert words("J.F.K. spoke.Then") == ["jfk", "spoke", "then"]


def test_a_country_in_capitals_is_not_the_pronoun() -> None:
    assert terms("The U.S. and the US told us") == ["us.", "us.", "told"]


def test_shouting_does_not_turn_pronouns_into_names() -> None:
    assert terms("THEY TOLD US ABOUT IT") == ["told"]


def test_typographic_and_plain_apostrophes_cut_alike() -> None:
    assert terms("Ada’s bridge") == terms("Ada's bridges") == ["ada", "bridg"]


def test_stop_words_fall_away_unless_nothing_else_is_left() -> None:
    assert terms("What is it?") == ["what", "is", "it"]
    assert terms("What is the toll?") == ["toll"]


def test_negation_and_comparison_are_content() -> None:
    assert {"no", "not", "against", "more"} <= set(terms("no, not against more tolls"))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Das ist nicht die Frage, die ich gestellt habe", "german"),
        ("Je ne crois pas que ce soit une bonne idée pour la ville", "french"),
        ("No creo que sea una buena idea para los vecinos", "spanish"),
        ("I doubt the harbour needs it", "english"),
        ("", "english"),
        ("桥梁费用", "english"),
    ],
)
def test_the_language_is_guessed_from_function_words(text: str, language: str) -> None:
    assert language_of(text) == language


def test_words_of_one_stem_meet_in_their_own_language() -> None:
    assert stem(["brücken"], "german") == stem(["brücke"], "german")
    assert terms("Die Kosten der Brücken sind hoch") == ["kost", "bruck", "hoch"]


def test_accents_do_not_keep_words_apart() -> None:
    assert stem(["café"]) == stem(["cafe"])


def test_stemming_from_several_threads_agrees() -> None:
    wanted, seen = stem(["running", "bridges"]), []
    workers = [threading.Thread(target=lambda: seen.append(stem(["running", "bridges"]))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert seen == [wanted] * 4


def test_bm25_prefers_rare_words_and_short_texts() -> None:
    index = BM25([["bridg", "toll"], ["bridg", "ferri"], ["bridg", "ferri", "queue", "queue", "harbour"]])
    assert index.idf("toll") > index.idf("ferri") > index.idf("bridg")
    scores = index.scores({"ferri": 1.0})
    assert scores[0] == 0
    assert scores[1] > scores[2] > 0


def test_bm25_computes_the_published_formula() -> None:
    index = BM25([["a", "a", "b"], ["b"]], k1=1.2, b=0.75)
    # idf = ln(1 + (2 - 1 + 0.5) / (1 + 0.5)) = ln 2; norm = 1 - 0.75 + 0.75 * 3 / 2 = 1.375; tf = 2
    assert index.scores({"a": 1.0})[0] == pytest.approx(np.log(2) * 2 * 2.2 / (2 + 1.2 * 1.375))


def test_bm25_scores_nothing_where_no_term_occurs() -> None:
    index = BM25([["a"], ["b"]])
    assert not index.scores({"c": 1.0}).any()
    assert not BM25([]).scores({"a": 1.0}).any()


def test_matched_is_the_share_of_the_rarity_found() -> None:
    index = BM25([["a"], ["b"]])
    assert index.matched({"a": 1.0, "b": 1.0}).tolist() == pytest.approx([0.5, 0.5])
    assert index.matched({"a": 1.0})[0] == pytest.approx(1.0)


def test_coverage_counts_distinct_words_and_takes_weights() -> None:
    assert coverage(["a", "a", "b"], ["a"]) == 0.5
    assert coverage(["a", "b"], ["a"], {"a": 3.0, "b": 1.0}) == 0.75
    assert coverage([], ["a"]) == 0.0


def test_grams_mark_where_a_word_begins_and_ends() -> None:
    assert grams("ferry") == ["^fer", "ferr", "erry", "rry$"]
    assert grams("a") == ["^a$"]


@given(st.lists(st.lists(st.text(alphabet="ab", min_size=1, max_size=7), max_size=4), max_size=4))
@example([["ferry", "ferry", "a"], [], ["cry"]])
@example([["aaaaaa"], ["aaaa", "baaaab"]])  # a gram that overlaps itself
def test_spelling_is_scored_by_every_words_grams(texts: list[list[str]]) -> None:
    direct = BM25([[gram for word in text for gram in grams(word)] for text in texts])
    for query in ("ferr", "^a$", "cry$", "aaaa", "^ab$", "none"):
        assert Spelling(Counts.of(texts)).scores({query: 1.0}).tolist() == direct.scores({query: 1.0}).tolist()


def test_counts_of_content_are_those_of_every_texts_content() -> None:
    texts = [["the", "bridges", "are", "old"], ["what", "is", "it"], ["die", "brücken", "sind", "alt"], []]
    languages = ["english", "english", "german", "english"]
    counts = Counts.of(texts).content(np.asarray(languages))
    found: list[list[str]] = [[] for _ in texts]
    names = list(counts.vocabulary)
    for row, column in zip(counts.rows, counts.columns, strict=True):
        found[row].append(names[column])
    assert found == [content(text, language) for text, language in zip(texts, languages, strict=True)]


def test_counts_gather_pieces_into_larger_texts_and_take_more_words() -> None:
    pieces = Counts.of([["a"], ["b"], ["a"]])
    whole = pieces.gathered(np.asarray([0, 0, 1]), 2).with_texts([[], ["c"]])
    index = BM25(whole)
    assert (index.frequency("a"), index.frequency("b"), index.frequency("c")) == (2, 1, 1)
    assert index.lengths.tolist() == [2, 2]

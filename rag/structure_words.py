"""The closed vocabulary of structure questions, in classes that the frames look for."""

from rag.words import FUNCTION

__all__ = [
    "COUNTS", "GET", "LEVELS", "NOTE", "NUMBERS", "PEOPLE", "PERSON", "REPLIES", "REPLY", "VOCABULARY", "VOTES",
    "WORDS", "WRITE", "alternatives",
]  # fmt: skip


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


def alternatives(words: frozenset[str]) -> str:
    """Write a class of words as a group of a regular expression, the longest first."""
    return f"(?:{'|'.join(sorted(words, key=len, reverse=True))})"


NOTE = _set(
    "comment comments commented commenting post posts posted posting remark remarks message messages contribution"
    " contributions entry entries statement statements"
)
WRITE = _set(
    "write writes wrote written writing make makes made leave leaves left submit submitted contribute contributes"
    " contributed contributing say says said speak speaks spoke spoken talk talks talked participate participates"
    " participated participating take takes took taking part chime chimes chimed weigh weighs weighed join joins joined"
    " author authored produce produced give gives gave pen penned appear appears appeared share shared speaking talking"
    " joining sharing appearing contribute saying giving submitting"
)
REPLY = _set(
    "reply replies replied replying respond responds responded responding response responses answer answers answered"
    " answering react reacts reacted reacting reaction reactions rejoinder rejoinders retort retorts retorted follow-up"
    " follow-ups followup followups replied-to answered-to replys"
)
GET = _set(
    "get gets got gotten getting receive receives received receiving draw draws drew drawn attract attracts attracted"
    " elicit elicits elicited garner garners garnered generate generates generated trigger triggered provoke provoked"
    " prompt prompted spark sparked earn earned collect collected"
)
PERSON = _set(
    "commenter commenters commentator commentators commentor commentors person persons people user users poster posters"
    " participant participants contributor contributors individual individuals reader readers member members voice"
    " voices folks folk account accounts author authors writer writers speaker speakers name names someone anyone"
    " anybody somebody everyone everybody nobody handle handles username usernames respondent respondents replier"
    " repliers guy guys human humans debater debaters party parties discussant discussants interlocutor interlocutors"
)
WORDS = _set("word words wordcount characters")
VOTES = _set("vote votes point points upvote upvotes upvoted like likes liked score scores scored karma rating ratings")
LEVELS = _set("level levels deep depth nested nesting nest layers layer indentation hierarchy")
COUNTS = {
    "once": 1, "single": 1, "one": 1, "twice": 2, "two": 2, "thrice": 3, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
NUMBERS = rf"(?:{'|'.join(COUNTS)}|\d+)"

PEOPLE = alternatives(PERSON)
REPLIES = alternatives(REPLY)

_OTHER = _set(
    """number numbers total totals count counts counted tally amount sum figure list lists listing show shows display
    far dated hold holds held record used except first last longest shortest anyone's least-often enumerate tell
    many much often long longer lengthiest briefest active prolific vocal talkative frequent frequently frequency
    different distinct unique separate various individual altogether overall together exactly exact precisely
    direct directly immediate top-level toplevel root first-level parent parents unanswered ignored named unnamed
    nameless anonymous unsigned without lacking most-active ever never twice thrice alone solely third final
    earlier later began begin begins beginning started starting start starts end ended ending chain chains
    exchange exchanges subthread subthreads sub-thread sub-threads branch branches tree sequence back-and-forth
    deepest highest-scoring highest lowest popular upvoted downvoted voted rated ranked rank ranking order
    ordered sort sorted share percentage percent proportion fraction breakdown distribution involved involvement
    section available present exist exists existing existed contain contained included go went come comes came
    unreplied people's whole entire full complete please kindly quick quickly know want like see find out
    identify provide them they second seven eight nine least-active size length lengthy average published happen
    happened occur occurred dominate dominates dominated back still among thread threads discussion discussions
    conversation conversations article articles file files text texts story stories piece pieces nr no. wordy
    wordiest chatty chattiest verbose rarely seldom quiet quietest everything new old run runs ran lasted initial
    opening closing address addressed directed aimed toward towards interact interacted engage engaged hear heard
    anything commenters' respective respectively apiece loudest sent send underneath beneath side thing things
    use uses nothing zero reciprocally actually really roughly approximately when time times date dates day days
    hour hours period span earliest latest newest oldest recent biggest largest top maximum max minimum best
    busiest fewest fewer smallest worst subsequent contributing running maker makers count's anywhere everybody's
    reply-less answerless sits stand stands standing location located discussed engagement greatest deeply down
    debate debates latter according page pages order-wise mostly primarily smallest-scoring highest-rated
    highest-voted highly replied-to overall. several multiple repeatedly recently given vs versus tallied
    recorded registered visible missing omitted behind combined jointly saw sees seen another someone's somebody's cover
    covers covered stretch stretches stretched spread daily
    somewhere himself herself themselves"""
)
_MODAL = _set("will should might must could would may")
VOCABULARY = (
    (FUNCTION - _MODAL) | NOTE | WRITE | REPLY | GET | PERSON | WORDS | VOTES | LEVELS | frozenset(COUNTS) | _OTHER
    | frozenset(str(number) for number in range(101))
)  # fmt: skip

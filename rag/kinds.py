"""What kind of question it is when the tree alone cannot answer it, and which part of the page it asks about. Pure."""

import re
from typing import Literal

from rag.query import Kind

__all__ = ["kind_of", "part_of"]

_GROUP = (
    r"(?:commenters?|commentators?|people|readers?|users?|posters?|participants?|everyone|everybody|most|many|others"
    r"|they|the"
    r" (?:community|crowd|majority|comments|thread|discussion|forum)|(?:most|many|some|all|both|other|the other|any"
    r"|majority)"
    r" (?:of (?:the |them )?)?(?:commenters|people|readers|users|posters|participants|them|comments)?|anyone|anybody"
    r"|someone|somebody"
    r"|no one|nobody|folks|kommentatoren|leute|leser|lecteurs|commentateurs|comentaristas|lectores)"
)
_OPINION = (
    r"(?:agree|disagree|concur|dissent|object|oppos|support|favou?r|endors|back|side|disput|rebut|refut|challeng"
    r"|contradict"
    r"|criti[cq]|push(?:es|ed)? back|defend|approv|disapprov|reject|condemn|prais|doubt|question|welcom|dislik|resent"
    r"|share[sd]? (?:the|this|that|his|her|P\d+)|like|hate|love|complain)\w*"
)
_STANCE = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:who|whom|which (?:commenters?|people|users?|persons?|participants?)|how many (?:\w+ )?(?:commenters"
        rf"|people|users|participants|readers|posters|of (?:the|them) ?\w*))\b (?:all |else |here |also "
        rf"|of \w+ \w+ )*(?:do |does |did |is |are |was |were |has |have |not |would )*(?:\w+ly )?{_OPINION}\b",
        rf"\b(?:do|does|did|has|have|are|is|would)\b (?:\w+ )?{_GROUP} (?:\w+ )?(?:{_OPINION}|think|believe|feel"
        rf"|want|consider|see|regard|for|against|in favou?r|on (?:the )?side|of the opinion|happy|unhappy|positive"
        rf"|negative|s[ck]eptical|optimistic|pessimistic|convinced|divided)\b",
        rf"\b(?:what|how) (?:do|does|did|have|is|are|was|were) (?:\w+ )?{_GROUP} (?:\w+ )?(?:think|feel|believe|say"
        rf"|said|reckon|view|see|react|respond|make of|divided|received?)\b",
        r"\b(?:consensus|(?:general|overall|common|prevailing|popular|public) (?:opinion|mood|sentiment|view|feeling"
        r"|attitude|reaction|impression|tone)|sentiment|points? of (?:agreement|disagreement|contention)"
        r"|controvers\w+|is there (?:any )?(?:agreement|disagreement|support|opposition|pushback|backlash))\b",
        r"\b(?:arguments|views?|opinions?|positions?|reactions?|thoughts|attitudes?|stances?|sides?"
        r"|voices) (?:are there |are made |exist |were made )?(?:for|against|on|about|of|to|towards?|regarding"
        r"|concerning|in favou?r|pro|con"
        r"|exist|of (?:the )?(?:commenters|people|readers))\b(?!.*\bP\d+ 's\b)",
        r"\bcase (?:for|against)\b|\b(?:objections?|criticisms?|complaints?|concerns|doubts|drawbacks?|downsides?"
        r"|disadvantages?|reservations?) (?:to|about|against|with|regarding|on|are|were|do|did|have|raised|voiced)\b"
        r"(?!.*\bP\d+ 's\b)",
        r"\bwho (?:is|are|was|were) (?:\w+ )?(?:for|against|in favou?r|opposed|critical|s[ck]eptical)\b"
        r"|\bseen as (?:\w+ )?\w+ or \w+"
        r"|\bwer ist (?:für|gegen)\b|\bpros and cons\b|\bwhere do (?:the )?(?:commenters|people|they) (?:stand"
        r"|disagree|differ|agree)\b"
        r"|\bfor and against\b|\bboth sides\b(?= *(?:[?.!,;]|$|please|of (?:this|that|it)\b))"
        r"|\bhow (?:divided|united|split)\b",
        r"\bis there (?:any|some)(?:body|one) (?:\w+ ){0,2}?(?:who|that) (?:\w+ )?"
        r"(?:thinks?|believes?|feels?|considers?)\b",
        rf"\bwas (?:denken|halten|meinen|sagen) (?:die )?(?:anderen )?{_GROUP}|\bwer (?:stimmt|widerspricht|lobt"
        rf"|kritisiert|verteidigt|unterstützt|bemängelt|begrüßt|befürwortet|lehnt|beschwert sich"
        rf"|ist (?:dafür|dagegen|anderer meinung))|\bque pensent|\bqui (?:est d'accord|n'est pas d'accord|soutient"
        rf"|critique)|\bqué (?:opinan|piensan)|\bquién(?:es)? (?:está|están) (?:de acuerdo|en contra)",
    )
)
_ONE_PERSON = re.compile(r"which (?:commenter|commentator|person|user|poster|participant|reader) ")
_ONE_OPINION = re.compile(
    r"^(?!who|which|does any|do |did any|has any|is any|are ).*P\d+ 's (?:\w+ )?(?:opinions?|views?|positions?"
    r"|stance|arguments?|reactions?|thoughts|attitude)"
)
_OVERVIEW = re.compile(
    r"\b(?:summari[sz]\w*|summary|overview|tl ?;? ?dr|gist|recap|digest|in a nutshell|synopsis|roundup|takeaways?"
    r"|sum(?:s|med)? up|boil(?:s|ed)? down)\b"
    r"|\b(?:main|key|major|central|principal|most important|important|chief|different|various|big) (?:points?"
    r"|arguments?|themes?|topics?|ideas?|issues?|positions?|threads|lines of argument|strands|debates|disagreements"
    r"|conclusions?|messages?|subjects?)\b"
    r"|\bwhat (?:is|was|are|were) (?:(?:this|the|that|all|all of|whole|entire|these) )*(?:thread|discussion"
    r"|conversation|debate|comments?|comment section|article|story|piece|text|post|dispute|argument) (?:all |mainly "
    r"|mostly |really )?about\b"
    r"|\bwhat (?:is|are|was|were|do|did) (?:(?:the|most|these) )?(?:people|commenters|they|users|everyone|readers"
    r"|participants|folks) (?:\w+ )?(?:discuss\w*|talk\w*|argu\w*|debat\w*|disput\w*)(?: about| over)?\s*(?:\?|$"
    r"|here|in the)"
    r"|\b(?:what|which) (?:topics|themes|subjects|issues|points|arguments) (?:are|were|do|did|come|came|get"
    r"|got)\b(?!.*\bP\d)"
    r"|\b(?:brief|catch) me (?:up)?|\bbring me up to (?:speed|date)|\bwhat (?:happens|happened|goes on|is going on"
    r"|is happening) in (?:the|this) (?:thread|discussion|comments|debate|article)"
    r"|\bwhat (?:is|does) (?:the|this) (?:article|story|piece) (?:itself )?(?:say|saying|report|reporting|cover)\s*\??$"
    r"|\bwhat (?:does|do) (?:the|this) (?:thread|discussion|comments?|comment section) (?:cover|say|discuss)\s*\??$"
    r"|\bwhat(?: i|')s (?:this|the) (?:thread|discussion|debate|article|conversation) about"
    r"|\bwhat(?: did| do| does)? (?:i miss|we learn)|\boutline (?:the|this)|\b(?:zusammenfass\w*|fasse?|worum geht"
    r"|überblick|resume[nz]?|résum\w+|de quoi (?:parle|s'agit)|de qué (?:trata|va)|resumen)\b"
    r"|^(?:the )?(?:discussion|debate|thread|comments)\s*\?*$"
    r"|\b(?:mood|tone|sentiment|atmosphere|consensus|feeling|opinion|reaction) (?:of|in|among|here)\b"
    r"(?: (?:the|these|this|all|comments?|commenters|thread|discussion|readers|people|crowd|debate))*\W*$"
)
_SAID = (
    r"(?:sa(?:id|ys?|ying)|claim\w*|argu\w+|think\w*|thought|believ\w*|mention\w*|suggest\w*|point\w* out"
    r"|bring\w* up|brought up|rais\w+"
    r"|stat(?:e|es|ed|ing)|assert\w*|insist\w*|ask\w*|recommend\w*|propos\w*|warn\w*|complain\w*|not(?:e|es|ed|ing)"
    r"|explain\w*|describ\w*|quot\w+|cit(?:e|es|ed|ing)"
    r"|refer\w*|compar\w+|call(?:s|ed|ing)?|blam\w+|accus\w+|predict\w*|jok\w+|talk\w*|discuss\w*|wrote|writes?"
    r"|express\w*|report\w*|remember\w*|recall\w*"
    r"|admit\w*|reveal\w*|offer\w*|shar(?:e|es|ed)|provid\w+|link\w*|post(?:s|ed)?"
    r"|(?<!the )(?<!that )(?<!this )comment(?:s|ed)?|remark\w*|contend\w*|maintain\w*|den(?:y|ies|ied)|tell|tells"
    r"|told|speak\w*|spoke"
    r"|criticis\w+|criticiz\w+|allud\w+|hint\w*|imply|impli\w+|wonder\w*|worr\w+|advis\w+|confirm\w*|correct\w*"
    r"|bemoan\w*|lament\w*|advocat\w*|use[sd]? the (?:word|term|phrase))"
)
_WHO = (
    r"(?:who|whom|which (?:of (?:the|them|these) ?\w*|one|commenters?|commentators?|persons?|people|users?|posters?"
    r"|participants?|readers?)"
    r"|what (?:commenters?|users?|persons?|people)|anyone|anybody|someone|somebody|any (?:of the )?(?:commenters?"
    r"|users?|one|people|readers|comments?))"
)
_WHO_SAID = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b{_WHO} (?:\w+ ){{0,2}}?{_SAID}\b",
        r"\bwhose (?:comment|opinion|view|words|idea|claim|argument|position|point|statement|suggestion|quote)\b",
        r"\b(?:by whom|from whom)\b",
        rf"\b(?:is|was|are|were) .+ {_SAID} (?:by (?:anyone|anybody|whom|who|someone)|in the comments)\b",
        r"\b(?:wer|welcher kommentator) (?:sagt|sagte|hat .* (?:gesagt|erwähnt|behauptet)|behauptet|erwähnt|meint"
        r"|schreibt|schrieb|glaubt|findet)|\bqui (?:a )?(?:dit|mentionn\w+|affirm\w+|prétend|pense|écrit|parle"
        r"|propose)|\bquién(?:es)? (?:dijo|dice|menciona|afirma|cree|piensa|habla|propone)",
    )
)
_BY_ARTICLE = re.compile(
    r"\b(?:according to|in|by|from|within|does|did|do|as per|per) (?:the |this |that )(?:news |original "
    r"|full )?(?:article|story|piece|report|text|blog post|post itself|essay|column|author of the article|A0)\b"
    r"|\b(?:the |this |that )(?:article|story|piece|report|essay) (?:itself )?(?:say|state|claim|mention|report"
    r"|describe|argue|suggest|explain|conclude|give|name|call|quote|cite|tell)\w*"
    r"|\b(?:of|about) (?:the|this) (?:article|story)\b(?!.*\bcomment)|\bA0\b|\b(?:the|this) article 's\b"
    r"|^(?:summari[sz]e|recap|tl;?dr) (?:the |this )?(?:article|story|piece)"
    r"|\bwhat (?:is|was) (?:the|this) (?:article|story|piece) about|\b(?:laut|im|gemäß|nach) (?:dem )?artikel\b"
    r"|\bselon l'article|\bdans l'article|\bsegún el artículo|\ben el artículo"
)
_BY_COMMENTS = re.compile(
    r"\b(?:commenters?|commentators?|comments?|comment section|discussion|repl(?:y|ies)|thread|posters?|kommentar\w*"
    r"|commentaires?|commentateurs?|comentarios?)\b"
    r"|\bP\d+ (?:answer(?:s|ed)?|replied|responds?|responded|antwort\w*|répond\w*)\b"
)


def kind_of(text: str) -> Kind:
    """Tell the kind of a marked question that the tree alone does not answer."""
    plain = re.sub(r"\b(who|what|that|how|where)'s\b", r"\1 is", text)
    sided = re.search(r"\b(?:arguments?|points?|reasons?|views?|opinions?)\b.*\b(?:for|against|in favou?r)\b", plain)
    if _OVERVIEW.search(plain) and not sided and not re.match(r"(?:who|why|when|how many|did|does P)\b", plain):
        return "overview"
    if part_of(plain) != "article" and not _ONE_OPINION.search(plain) and any(one.search(plain) for one in _STANCE):
        return "who_said" if _ONE_PERSON.match(plain) else "stance"
    if part_of(plain) != "article" and any(pattern.search(plain) for pattern in _WHO_SAID):
        return "who_said"
    return "fact"


def part_of(text: str) -> Literal["all", "article", "comments"]:
    """Tell which part a marked question confines itself to.

    Naming both (`does the article say what the commenters claim`) confines to neither.
    """
    article = bool(_BY_ARTICLE.search(text))
    comments = bool(
        _BY_COMMENTS.search(re.sub(r"\b(?:comments?|replies|reply) (?:on|to|under) the article\b", "comments", text))
    )
    if article and not comments:
        return "article"
    return "comments" if comments and not article else "all"

"""Closed word lists that understanding a question rests on. English; what other languages need stands beside it."""

__all__ = ["COMMON", "FUNCTION", "MINDING", "SPEAKING"]


def _set(text: str) -> frozenset[str]:
    return frozenset(text.split())


FUNCTION = _set(
    """a an and any anybody anyone anything are as at be been being but by can could did do does doing done each either
    else ever every everybody everyone everything for from get gets got had has have having he her here hers herself
    him himself his how i if in into is it its itself just many may me might mine more most much must my myself no
    nobody none nor not of off on once one ones only or other others our out over own per please same shall she
    should so some somebody someone something such than that the their theirs them themselves then there these they
    this those through to too under until up us very was we were what whatever when where whether which while who
    whoever whom whose why will with within without would yes yet you your yours yourself also am about after again
    all against before below between both down during few further less least"""
)
"""Words that are never a name unless marked as one."""

SPEAKING = _set(
    """say says said saying think thinks thought thinking claim claims claimed argue argues argued believe believes
    believed mean means meant mention mentions mentioned reply replies replied respond responds responded answer answers
    answered write writes wrote written post posts posted comment comments commented ask asks asked tell tells told
    suggest suggests suggested state states stated agree agrees agreed disagree disagrees disagreed object objects
    objected feel feels felt describe describes described explain explains explained note notes noted point points
    pointed propose proposes proposed recommend recommends recommended warn warns warned admit admits admitted accuse
    accuses accused criticise criticises criticised criticize criticizes criticized complain complains complained
    compare compares compared quote quotes quoted cite cites cited deny denies denied support supports supported oppose
    opposes opposed want wants wanted like likes liked prefer prefers preferred use uses used know knows knew call calls
    called have has had make makes made give gives gave react reacts reacted add adds added view views opinion stance
    position reckon reckons reckoned predict predicts predicted report reports reported doubt doubts doubted dispute
    disputes disputed defend defends defended joke jokes joked remark remarks remarked share shares shared contend
    contends contended insist insists insisted"""
)
"""Verbs that people in a thread do: the word before one stands where a name stands."""

MINDING = _set(
    """accept accepts accepted advise advises advised allege alleges alleged announce announces announced appreciate
    appreciates appreciated approve approves approved assert asserts asserted assume assumes assumed blame blames blamed
    care cares cared challenge challenges challenged conclude concludes concluded concede concedes conceded condemn
    condemns condemned confess confesses confessed confirm confirms confirmed consider considers considered count counts
    counted counter counters countered declare declares declared demand demands demanded dislike dislikes disliked
    distrust distrusts distrusted enjoy enjoys enjoyed envy envies envied estimate estimates estimated expect expects
    expected fear fears feared find finds found forget forgets forgot forgotten guess guesses guessed hate hates hated
    hear hears heard hint hints hinted hold holds held hope hopes hoped imagine imagines imagined imply implies implied
    invite invites invited judge judges judged list lists listed love loves loved maintain maintains maintained miss
    misses missed name names named need needs needed notice notices noticed offer offers offered plan plans planned
    praise praises praised promise promises promised question questions questioned realise realises realised realize
    realizes realized refer refers referred refuse refuses refused regard regards regarded regret regrets regretted
    reject rejects rejected remember remembers remembered remind reminds reminded request requests requested reveal
    reveals revealed see sees saw seen specify specifies specified suppose supposes supposed suspect suspects suspected
    tease teases teased threaten threatens threatened trust trusts trusted understand understands understood urge urges
    urged value values valued wish wishes wished wonder wonders wondered worry worries worried"""
)
"""Further verbs of saying, perceiving and minding: what somebody fears is in their own words."""

COMMON = (
    FUNCTION
    | SPEAKING
    | _set(
        """able above account across act active actually add age ago air along already although always among amount
    angry another anonymous anyway april area argument around article articles august author authors average away back
    bad bank based basis because become best better big bill bit black blue board body book books boy branch brief
    bring brown business buy car care case cause cause certain chain chance change chat child children choice city
    class clear close code cold commentator commentators commenter commenters common company complete concern contain
    contains conversation cost costs count country couple course court data date dates day days dead deal death debate
    december deep deepest depth detail different difficult discuss discussed discussing discussion discussions door
    early earliest earth east easy economy education effect end enough entire entry evening event evidence exact
    exactly example expert experts fact facts fair fall family far fast favour favor february fewest file final find
    fire first five follow food forum found four free friday friend full fun future game general good government grand
    great green ground group guest guy half hand happen happened happy hard head headline health heart help high
    highest history home hope hot hour hours house human hunter idea important in information interest internet issue
    january job joy july june keep kind king knight land language large last late later latest law lead learn left
    legal letter level levels life light line link list little local long longer longest lot low lowest main major man
    march mark market matter maximum may maybe member members men message messages method middle military million
    minute moderator moment monday money month months moon morning music name named names national near need nested
    never new news newest next nice night nobody normal north november number object october offer office often oil ok
    old oldest open opinion opinions option order original overall page paper part participant participants party past
    pay people period person piece place plan play point points policy political poor popular post poster posters posts
    power present president price private problem public quality question questions quick quickly quiet rain rate
    reader readers real really reason reasons recent red remark remarks reply report reporter research respondent
    response responses rest result rich right river road rock role room rose round rule run same saturday school
    science score second section see send september serious service set seven several short shorter shortest show
    shows side simple single six small smith social software solution sort sound source south space speak speaker star
    start starts state states still stone stop story street strong student study subject summary summarise summarize
    summer sun sunday sure system table take talk talks tax team tell ten test text thank thanks thing things third
    thread threads three thursday time times title today together tom tomorrow top topic total town trade train tree
    true trust truth try tuesday turn turkey two understand unnamed upvotes url user users usual value view viewpoint
    views voice voices vote votes wait war water way wednesday week weekend weeks well west white whole wind winter wish
    woman women wood word words work world worst write writer writers wrong year years yellow yesterday young zero
    list show count tally give name tell summarise summarize overview gist recap compare according what's who's did
    monday debate thoughts reaction reactions response consensus majority minority everybody nearly almost"""
    )
) - _set("tom smith hunter turkey")
"""Everyday words: an author of that name is recognised only where the word stands like a name."""

"""Function words by language, short on purpose: a word that can carry an answer ("against", "no", "more") stays."""

__all__ = ["STOP_WORDS"]

_LISTS = {
    "english": (
        "a an and any are as at be been being but by can could did do does doing for from had has have having he her"
        " hers him his how i if in into is it its it's i'm i've me my of on or our ours she should so some such than"
        " that that's the their theirs them then there these they they're this those to us was we were what what's"
        " when where which who whom who's whose why will with would you your yours am also just about don't doesn't"
        " didn't isn't aren't wasn't weren't he's she's we're you're there's let's"
    ),
    "german": (
        "der die das den dem des ein eine einen einem einer eines und oder aber ist sind war waren wird werden wurde"
        " hat haben hatte ich du er sie es wir ihr ihm ihn uns euch mich mir dich dir sich mein dein sein seine ihre"
        " in im an am auf aus bei mit nach von vom zu zum zur über für als wie wer was wo wann warum welche welcher"
        " welches dass daß wenn ob so auch noch nur schon da dann denn man bin bist hier dieser diese dieses diesen"
        " nicht doch ja mal um durch können kann"
    ),
    "french": (
        "le la les un une des du de d et ou mais est sont était étaient être a ont avait ai je tu il elle on nous vous"
        " ils elles me te se lui leur leurs mon ma mes ton ta tes son sa ses notre nos votre vos ce cet cette ces ça"
        " qui que quoi dont où quand comment pourquoi quel quelle quels quelles dans en au aux à par pour sur avec"
        " sans sous y ne pas plus si comme aussi c'est qu'il n'est d'un d'une j'ai"
    ),
    "spanish": (
        "el la los las un una unos unas de del y o u pero es son era eran ser fue ha han había he yo tú él ella"
        " nosotros ellos ellas me te se le les lo mi mis tu tus su sus este esta estos estas ese esa eso esto que qué"
        " quién quien quiénes cuál cuándo cómo dónde por para con sin en a al no si como también muy más hay está"
        " están porque"
    ),
    "italian": (
        "il lo la i gli le un uno una di del della dei delle e o ma è sono era erano essere ha hanno aveva ho io tu"
        " lui lei noi voi loro mi ti si ci vi ne mio mia tuo suo sua suoi questo questa questi che chi cosa come"
        " quando dove perché quale per con senza in nel nella a al alla da dal non se anche più"
    ),
    "portuguese": (
        "o a os as um uma uns umas de do da dos das e ou mas é são era eram ser foi tem têm tinha eu tu ele ela nós"
        " eles elas me te se lhe meu minha seu sua este esta isto isso esse essa que quem qual quando como onde por"
        " para com sem em no na nos nas ao à não também mais muito você"
    ),
    "dutch": (
        "de het een en of maar is zijn was waren wordt worden heeft hebben had ik jij je hij zij ze wij we jullie hen"
        " hun hem haar mij me mijn dit dat deze die wie wat waar wanneer waarom hoe welke van voor met in op aan bij"
        " naar uit te om er niet ook nog als dan zo"
    ),
    "swedish": (
        "en ett och eller men är var vara har hade jag du han hon det den de vi ni dem mig dig sig min din sin som vad"
        " vem när var varför hur i på av för med till från att om inte också så"
    ),
    "russian": (
        "и в во не что он на я с со как а то все она так его но ты к у же вы за бы по ее мне было вот от меня о из ему"
        " когда ли если или ни быть был него до вас вам ведь там кто чем это эта этот где почему какой"
    ),
}

STOP_WORDS = {name: frozenset(words.split()) for name, words in _LISTS.items()}

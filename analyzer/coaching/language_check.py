"""The language check: words to keep from clients, and what to write instead (sources 6)."""

import re
from collections.abc import Collection
from dataclasses import dataclass


@dataclass(frozen=True)
class ForbiddenWord:
    """A forbidden word in a text, and what to write instead."""

    word: str
    suggestion: str

    def __str__(self) -> str:
        return f'"{self.word}" is not for a client to read: {self.suggestion}.'


_STRATEGY = 'say "strategy" or "option you use"'
_NOT_YET = 'say "not there yet" or "next thing to build"'
_RECORDED = 'say "recorded" or "not today"'
_ROOM = 'say "room to build", or what the body does ("uses the knees more")'
_BETTER = 'say "better" or "your zone"'
_BUILD = 'say "practice" or "build"'
_TRY = 'say "let\'s try"'
_FELT = 'say what was felt: "comfortable", "bothered", "what you felt"'
_OWN = "compare with the person's own clips only"
_DELETE_CLEARANCE = "leave it out: no clearance either way"
_DELETE_DIAGNOSIS = "leave it out and defer to a clinician"
_DELETE_CAUSE = "leave the cause out: a clip shows what happens, not why"
_DELETE_SCORE = "leave it out: no scores, no marks"
_DELETE_UNSEEN = "leave it out: a camera does not see it"
_DELETE_SALE = "leave it out: nothing is sold here"

_RULES: tuple[tuple[str, str], ...] = (
    (r"dysfunction\w*|fault(y|s)?|compensat\w*|cheat(s|ed|ing)?", _STRATEGY),
    (r"broken|bad(ly)?|poor(ly|er|est)?|wrong(ly)?|ugly|terribl[ey]|awful(ly)?|horribl[ey]|sloppy|lousy", _NOT_YET),
    (r"worst|worse(n\w*)?|mistakes?|errors?|problem(s|atic)?|flaw(s|ed)?", _NOT_YET),
    (r"fail(s|ed|ing|ures?)?|positives?|negatives?|abnormal\w*|pass(es|ed)? the test", _RECORDED),
    (r"weak(er|est|ly|ness(es)?)?|unstable|instability|tight(er|ness|ly)?|im-?balance[ds]?", _ROOM),
    (r"not firing|misfir\w+|inhibited|(over|under)[- ]?active|(quad|knee|hip|glute)[- ]dominan\w+", _ROOM),
    (r"deficits?|deficien\w+|impair\w*|limitations?|insufficien\w*|inadequate\w*", _ROOM),
    (r"injur\w*|risk(s|y|ier)?|danger(s|ous\w*)?|harm(s|ed|ful|less)?", _DELETE_CLEARANCE),
    (r"(un)?safe(r|st|ly|ty)?|all[- ]clear|cleared (to|for)|bulletproof\w*", _DELETE_CLEARANCE),
    (r"protect(s|ing)? (your|the) \w+", _DELETE_CLEARANCE),
    (r"(in)?correct(s|ed|ing|ly|ions?|ive(s|ly)?)?|(im)?perfect(s|ed|ly|ion)?|flawless\w*", _BETTER),
    (r"ideal(s|ly)?|optimal(ly)?|(im)?proper(ly)?|textbook|good posture|right (form|technique|posture)", _BETTER),
    (r"fix(es|ed|ing)?", _BUILD),
    (r"must(n't)?|never|ought to|(have|need|needs|got) to stop|forbidden|not allowed", _TRY),
    (r"damag\w*|wear[- ]and[- ]tear|slipped|bulg(e|es|ed|ing)|herniat\w*", _DELETE_DIAGNOSIS),
    (r"nerves?|neural|sciatic\w*|dis[ck]s?|lesions?|radicul\w*|pinched|impinge\w*", _DELETE_DIAGNOSIS),
    (r"diagnos\w*|intoleran\w*|patholog\w*|syndromes?|disorders?|diseased?s?|patients", _DELETE_DIAGNOSIS),
    (r"arthrit\w*|arthros[ie]s|degenerat\w*|stenosis|spondyl\w*|inflam\w*|torn|sprain\w*", _DELETE_DIAGNOSIS),
    (r"tend[io]n\w*(itis|opathy)|(a|the|this) patient|lordo\w+|kypho\w+", _DELETE_DIAGNOSIS),
    (r"pain(s|ful\w*)?|hurt(s|ing)?|agony", _FELT),
    (r"because|due to|caus(e|es|ed|ing|al)|root causes?|culprits?|leads? to|result(s|ing)? from", _DELETE_CAUSE),
    (r"(the|a) reason (is|for|why|you)|that('s| is) why|owing to|stems? from|to blame", _DELETE_CAUSE),
    (r"\d+([.,]\d+)?\s*(/|out of|of)\s*(a )?100\b|scor(e|es|ed|ing)", _DELETE_SCORE),
    (r"(posture|movement) (grade|rating|index)s?|red (x|cross)(es)?|thumbs[- ]down|report card", _DELETE_SCORE),
    (r"(compared (with|to)|than|below|above|outside|within|beyond|not) (the )?normal", _OWN),
    (r"normal(ly)? (range|value|limit|people)s?|norms?|normative|percentiles?|population", _OWN),
    (r"average (person|man|woman)|most people|for your (age|sex|size)", _OWN),
    (r"shear(s|ed|ing)?|muscle acti\w+|activation|lumbar[^.]*\d|\d[^.]*lumbar", _DELETE_UNSEEN),
    (r"buy|purchas\w+|discounts?|upgrade[ds]?|sign up|subscri\w+|\d+[- ]packs?", _DELETE_SALE),
)
_SIGNS = (("[❌✗✘✖❎👎🚫⛔]", _DELETE_SCORE),)

_PATTERNS = tuple(
    [(re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE), suggestion) for pattern, suggestion in _RULES]
    + [(re.compile(pattern), suggestion) for pattern, suggestion in _SIGNS]
)


def find_forbidden_words(text: str, allowed_words: Collection[str] = ()) -> list[ForbiddenWord]:
    """Find words that a client should not read, in order of their place in the text.

    Parameters
    ----------
    text : text that a client would read.
    allowed_words : words, in lower case, that this text may hold nevertheless; state why where they are listed.

    Returns
    -------
    Every forbidden word with a suggestion; empty for a text that is fine.
    """
    plain = re.sub(r"\s+", " ", text.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").replace("\N{NO-BREAK SPACE}", " "))
    matches = [
        (match.start(), ForbiddenWord(match.group(), suggestion))
        for pattern, suggestion in _PATTERNS
        for match in pattern.finditer(plain)
        if match.group().lower() not in allowed_words
    ]
    return [word for _, word in sorted(matches, key=lambda place_and_word: place_and_word[0])]

"""The words of instructions: grades and their spellings, what introduces a dispenser, and what only looks like a number.

Sources: Portal spec §2.6 and §5.11 (texts and what they mean), §5.6 (names of grades). All patterns are for
:func:`app.work.named.plain.plain` text (single spaces) unless they say otherwise, and none can run away: what repeats
is bounded or cannot match in two ways.
"""

import re

# For the text as given, too: the one pattern for "Day 1 of 2".
DAY_OF = re.compile(r"\bday\s*#?(\d+)\s*(?:of|/)\s*(\d+)\b", re.IGNORECASE)

_OCTANE = r"(?: ?\(?(?:8[5-9]|9[0-5])\)?(?![\d/]))?"
# The dot of "Reg." ends no sentence when the sentence goes on.
_DOT = r"\.(?=,| ?[#&/]| (?:and|on|only|for|at|plus|prem|diesel|super|ultra|mid))"
_GRADE_SPELLINGS: tuple[tuple[str, str], ...] = (
    ("Ethanol-Free Gasoline Plus", r"ethanol[- ]?free(?: gas(?:oline)?)? plus"),
    ("Regular (non-ethanol)", r"regular \(?non[- ]?ethanol\)?"),
    ("Plus (non-ethanol)", r"plus \(?non[- ]?ethanol\)?"),
    ("Premium (non-ethanol)", r"premium \(?non[- ]?ethanol\)?"),
    ("Ethanol-Free", r"ethanol[- ]?free(?: gas(?:oline)?)?"),
    ("Ultra Low Sulfur Diesel", r"ultra[- ]low[- ]sul(?:f|ph)ur(?: diesel)?|ulsd"),
    ("Diesel High Flow", r"diesel[- ]hi(?:gh)?[- ]?flow|hi(?:gh)?[- ]?flow diesel"),
    ("Off-Road Diesel", r"off[- ]?road(?: diesel)?"),
    ("Truck Diesel", r"truck diesel"),
    ("Bio-Diesel", r"bio[- ]?diesel"),
    ("Diesel", r"(?:auto |no\.? ?2 |number 2 )?diesel|dsl"),
    ("Super Premium", r"super premium"),
    ("Midgrade 89", r"mid(?:[- ]?grade)?[- ]?89"),
    ("Midgrade 90", r"mid(?:[- ]?grade)?[- ]?90"),
    ("Midgrade 91", r"mid(?:[- ]?grade)?[- ]?91"),
    ("Special 88", r"special[- ]?88"),
    ("Extra 89", r"extra[- ]?89"),
    ("Rec Fuel 90", r"rec(?:reational)?[- ](?:fuel(?:[- ]?90)?|90)"),
    ("Race Fuel", r"rac(?:e|ing) fuel"),
    ("Multi-Product Disp", r"multi[- ]product disp(?:enser)?"),
    ("Premium 92", r"premium[- ]92"),
    ("Premium", rf"prem(?:ium|{_DOT})?(?: unleaded)?{_OCTANE}"),
    ("Regular", rf"reg(?:ular|{_DOT})?(?: unleaded)?{_OCTANE}"),
    ("Plus", rf"plus(?: unleaded)?{_OCTANE}"),
    ("Super", rf"super(?: unleaded)?{_OCTANE}"),
    ("Ultra", rf"ultra{_OCTANE}"),
    ("E-15", r"e[- ]?15"),
    ("E-85", r"e[- ]?85"),
    ("E-87", r"e[- ]?87"),
    ("E-88", r"e[- ]?88"),
    ("DEF", r"def"),
    ("Kerosene", r"kero(?:sene)?"),
    ("CNG", r"cng"),
    ("Mogas", r"mogas"),
)
# "Diesel delivery", "regular hours": the word is there, but it restricts no meter.
_NOT_A_GRADE = (
    r"(?![- ](?:deliver\w*|tanks?\b|tankers?\b|trucks?\b|filters?\b|fuel sample|samples?\b|hours?\b|business|visits?\b"
    r"|maintenance|schedules?\b|working|busy|slow|important|urgent|low\b|tax\b|stickers?\b|decals?\b))"
)
GRADE = re.compile(
    r"(?<![A-Za-z])(?:"
    + "|".join(f"(?P<g{index}>{spelling})" for index, (_, spelling) in enumerate(_GRADE_SPELLINGS))
    + rf")(?![A-Za-z0-9]){_NOT_A_GRADE}",
    re.IGNORECASE,
)


def grade_name(match: re.Match[str]) -> str:
    """The portal's name of the grade that :data:`GRADE` matched."""
    return _GRADE_SPELLINGS[int((match.lastgroup or "g0")[1:])][0]


# Words people use for a grade that is not one name of the portal's list.
_VAGUE_GRADE = (
    r"(?:mid(?:s|[- ]?grades?)?|gas(?:oline)?|unleaded|unl|supreme|v-power|non[- ]?eth(?:anol)?|e[- ]?0|ethanol"
    r"|hi(?:gh)?[- ]?(?:test|grade)|low[- ]?grade|blend(?:s|ed)?|octane \d\d)(?![A-Za-z0-9])(?: (?:grades?|products?))?"
    r"(?! ratios?)"
)
ALL_GRADES = r"(?:all|every|each|both)(?: of)?(?: the)?(?: (?:\d|two|three|four|five|six))? (?:grades?|products?|fuels?|meters)\b"
_DISPENSERS = (
    r"dispen[sc][eo]r'?s?|dispeners?|disps?|dspnsrs?|pumps?|mpds?|fuel(?:l?ing)? (?:points?|positions?)|positions?|fps?"
)
NOUN = rf"(?:{_DISPENSERS})(?:\(s\))?"
_SIDE = r"sides?(?:\(s\))?"
# "all dispensers" — not when numbers follow ("all dispensers 1-4" is a list).
EVERY = (
    rf"(?:(?:all|every|each)(?: of)?(?: the)?(?: (?:\d{{1,2}}|two|three|four|five|six|seven|eight|nine|ten))?(?: fuel(?:ing)?)? (?:{_DISPENSERS}|sides)"
    r"|(?:the )?(?:entire|whole|complete) (?:site|store|station|location)"
    rf"|(?:calibrat\w*|test|check|do) (?:all|everything)(?! (?:of )?(?:the )?(?:[A-Za-z0-9-]{{2,12}} ){{0,2}}(?:meters|{_DISPENSERS}))"
    r"|(?:all|everything|all others?)(?= (?:except|but|excluding|other than|besides)))"
    r"(?![A-Za-z])(?![ :#(-]{0,4}\d)(?! (?:filters?|stickers?|keys?|doors?|panels?|photos?|labels?|grades?|products?)\b)"
)
EVERY_OF_GRADE = rf"(?:all|every|each)(?: of)?(?: the)? (?=[A-Za-z0-9-]{{2,12}}(?: [A-Za-z0-9-]{{2,12}})? (?:{_DISPENSERS}|meters)(?![A-Za-z])(?![ :#(-]{{0,4}}\d))"

_BETWEEN = (
    r"(?:to|be|calibrated?|checked|check|tested|test|need(?:s|ed|ing)?|affected|ordered|requested|failed|failing|are|is"
    r"|listed|below|as|follows|following|these|named|out|of|tolerance|for|that|which|recalibrated?|only|and|service)"
)
# What may stand between an introducing word and its number: signs, "No.", or words that end in a colon. A line may only
# end after a colon.
_TAIL = rf"(?:(?: {_BETWEEN}){{1,6}}+(?= ?:)| (?:affected|involved|numbered|named))?(?:[ .:(\[\"'-]|#{{1,3}}(?:'?s\b)?|no'?s?\b\.?|numbers?\b|nums?\b\.?|nr\b\.?|(?<=:)\n[*-]?){{0,7}}"
INTRODUCER = re.compile(
    rf"(?:(?P<side>(?:{_SIDE})(?![A-Za-rt-z]){_TAIL})|(?P<word>(?:{NOUN})(?![A-Za-ce-mo-z]){_TAIL}|(?<![A-Za-z0-9])d(?=\d{{1,2}}(?!\d)))"
    r"|(?P<sign>#{1,3}(?:'?s\b)?[ :(]{0,2}|nos?\. ?#?))(?=\d)",
    re.IGNORECASE,
)
ASSET_INTRODUCER = re.compile(r"asset ?:[ -]{0,3}(?=\d{1,2} ?(?:[&/-] ?\d|of \d))", re.IGNORECASE)

_COUNTED = (
    r"(?:meters?|grades?|products?|nozzles?|hoses?|filters?|stickers?|seals?|readings?|runs?|photos?|samples?|cones?|boxes"
    r"|techs?|technicians?|people|men|visits?|trips?|calls?|times?|weeks?|months?|years?|days?|nights?|hours?|hrs?|minutes?"
    r"|mins?|tickets?|stores?|sites?|stations?|tanks?|islands?|gallons?|gals?|gal|micron|inch(?:es)?|in\.|mm|psi|gpm|feet|ft"
    r"|lbs?|oz|ml|cubic|cu|miles?|points?|digits?|mph|volts?|amps?|more|other|others|sets?|pairs?|provers?|cans?|copies)\b"
)
_NUMBER_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
COUNT_OF = (
    rf"\(?(?P<many>\d{{1,2}}|{'|'.join(_NUMBER_WORDS)})\)? ?(?:x )?(?:different |separate |bad |failed |fuel(?:ing)? )?"
    rf"(?=(?P<what>{_DISPENSERS}|sides?)(?:\(s\))?(?![A-Za-z]))"
)

SPELLED = re.compile(
    rf"(?<![A-Za-z])(?:(?:{_DISPENSERS}|sides?) (?:no\.? |number )?)(?:{'|'.join(_NUMBER_WORDS)})(?![A-Za-z])(?! (?:of|at|more|by|time|is|has|dispenser|pump))",
    re.IGNORECASE,
)


def is_count(word: str) -> bool:
    return word.isdigit() or word.lower() in _NUMBER_WORDS


def count_value(word: str) -> int:
    """``3`` or ``three`` as a number."""
    return int(word) if word.isdigit() else _NUMBER_WORDS.index(word.lower()) + 1


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
# Numbers of something else, by the word before them. A colon or dash may follow these words, not the second set's.
_LABELLED = (
    r"(?:serial|s/n|sn|asset id|model|ticket|work order|wo|zip(?: code)?|phone|tel|cell|fax|ext(?:ension)?|p\.?o\.?|invoice"
    r"|case|ref(?:erence)?|acc(?:oun)?t|priority|pri|sev(?:erity)?|qty|quantity|part|p/n|pn|pin|access code|gate code|code"
    r"|prover|seal|suite|ste|version|rev|incident|inc|sr)"
)
_OTHER_THINGS = (
    r"(?:visit|order|job|tanks?|hoses?|nozzles?|suite|exit|hwy|highway|route|rt|register|bay|item|box|gate|door|trip"
    r"|grade|option|line|bldg|building|crinds?|provers?|probes?|sumps?|seals?|printer|islands?|isle|lanes?"
    r"|day|shift|week|year|page|phase|step|level|room|badge|tag)"
)
_NO = r"(?: ?(?:number|num|no\.?|id|code))?"
_LIST_OF_OTHERS = r"(?: ?(?:,|&|and|/|-) ?\d{1,3}(?![\d/]))*"
# For plural words the list goes on with signs, too: "tanks #1 and #2".
_LIST_OF_SIGNED = r"(?: ?(?:,|&|and|/|-) ?#?\d{1,3}(?![\d/]))*"

# Also right behind an introducer.
NEVER = re.compile(
    "|".join(
        (
            r"(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])/(?:(?:19|20)\d\d|[23]\d)(?![\d/])",
            r"\d{1,2}[/.-]\d{1,2}[/.-](?:19|20)\d\d(?!\d)",
            r"(?:0?[1-9]|1[0-2])-(?:0?[1-9]|[12]\d|3[01])-[23]\d(?![\d-])",
            r"(?:19|20)\d\d[/.-]\d{1,2}[/.-]\d{1,2}(?!\d)",
            r"\d{1,2}/(?:19|20)\d\d(?!\d)",
            r"\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]\.?m\b\.?)?",
            r"\d{1,2} ?[ap]\.?m\b\.?",
            r"\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?!\d)|\d{3}[.-]\d{4}(?!\d)",
            r"\d{1,6} ?(?:%|percent\b|°|degrees?\b|deg\b)|\d{1,6}\.\d+(?: ?(?:%|percent\b|inch(?:es)?\b|\"))?",
            r"\d{3} ?-? ?(?:MB|MG|MD|HS|CHS|MBE|GWGB|BMB|BMG|HD)(?:[ -]\d{1,2})?(?![A-Za-z0-9])",
            r"\d{3}-?[A-Z]{2,5}(?:[ -]\d{1,2})?(?![A-Za-z0-9])",
            r"(?:100/0|0/100|95/5|90/10|85/15|80/20|75/25|70/30|67/33|65/35|60/40|50/50|40/60|30/70)(?![\d/])",
            r"\d{1,3},\d{3}(?!\d)",
            r"\d{4,}[\w/-]*",
            r"\d{1,3}(?:st|nd|rd|th)\b",
        )
    ),
    re.IGNORECASE,
)
PART = re.compile(
    r"(?:\d{3} ?-? ?(?:MB|MG|MD|HS|CHS|MBE|GWGB|BMB|BMG|HD)|\d{3}-?[A-Z]{2,5})(?:[ -]\d{1,2})?(?![A-Za-z0-9])|\b70991\b",
    re.IGNORECASE,
)
OTHERWISE = re.compile(
    "|".join(
        (
            DAY_OF.pattern,
            r"(?:visit|trip|night|phase|part|page|step|stop) \d{1,2} of \d{1,2}\b",
            rf"{_MONTH} \d{{1,2}}(?:st|nd|rd|th)?\b(?![/&])(?:,? (?:19|20)\d\d\b)?",
            rf"\d{{1,2}}(?:st|nd|rd|th)? (?:of )?{_MONTH}(?![A-Za-z])",
            rf"(?:{NOUN}|number|#|no\.?)s? (?:of|count|total)(?: {NOUN})?[ :=]{{0,3}}\d{{1,2}}(?!\d)(?! ?(?:&|/|of\b))",
            rf"(?:number|no\.|count|#|total)s?(?: of)? (?:{_DISPENSERS})[ :=-]{{1,3}}\d{{1,2}}(?!\d)",
            r"\$ ?\d[\d,.]*",
            r"prover positions? \d",
            rf"(?:{_LABELLED}){_NO} ?[:#.=-]{{0,2}} ?#?\d[\w/-]*",
            rf"(?:tanks|hoses|nozzles|provers|islands|lanes|seals){_NO} ?#?\d{{1,3}}(?!\d){_LIST_OF_SIGNED}",
            rf"(?:{_OTHER_THINGS}){_NO} ?#?\d{{1,3}}(?!\d){_LIST_OF_OTHERS}",
            rf"(?:{_OTHER_THINGS}){_NO} ?#?\d[\w/-]*",
            r"(?:ratios?|blends?) (?:of )?\d{1,3} ?[/-] ?\d{1,3}\b|\d{1,3} ?[/-] ?\d{1,3} (?:blend|ratio|mix)",
            r"\d+(?:[A-Za-z][\w-]*)",
        )
    ),
    re.IGNORECASE,
)
COUNTED = re.compile(rf"(?P<n>\d{{1,3}})(?: ?(?:-|to) ?\d{{1,3}})?[ -]?{_COUNTED}", re.IGNORECASE)

# "do not …" reaches over a few words to what follows; the others stand right before it.
FAR_NOT = r"(?:(?:do|must|should|shall|need)(?: not|n'?t)|never|no need|nothing|avoid)(?: (?:need|have|want))?\b"
NEAR_NOT = (
    r"(?:except(?:ing|ed)?(?: for)?|excl(?:ud\w*|\.)?|but not|and not|not including|other than|apart from|instead of|rather than"
    r"|in place of|without|w/o|minus|skip(?:ping)?|omit(?:ting)?|ignore|not|all but|but|no)(?![A-Za-z])"
)
NOT_FOR = r"(?:do not|don'?t|never|not) (?:forget|skip|miss|omit|only|just|limited to|fail)(?: to| about)?(?![A-Za-z])"
AFTER_NOT = (
    r"(?:(?:is|are|was|were|has been|have been) )?(?:not (?:needed|required|necessary|included|ordered|requested|in scope|part of)"
    r"|excluded|(?:to be )?skipped|off limits|to be left alone|(?:do not|don'?t|please skip|skip)"
    r"(?: (?:calibrate|touch|test|adjust|do|include|open|check))?(?: (?:it|them|this|these))?(?=[ .,;:!)\n]*(?:$|[.;\n,)])))"
)
LEAVE = re.compile(r"\bleave\b[^.;\n]{1,40}?\b(?:alone|off|out|as is|as-is|untouched)\b", re.IGNORECASE)
DONE = r"(?:(?:is|are|was|were|has been|have been|had been) )?already (?:been )?(?:done|calibrated|complete[d]?|finished|passed)"
# Only right behind the numbers: elsewhere "meters were done on 4/2" tells of something else.
WAS_DONE = (
    r"(?:(?:is|are|was|were|has been|have been|had been) (?:done|calibrated|completed?|finished)|passed)(?![A-Za-z])"
)
FILLER = r"(?:the|a|an|any|of|on|for|at|in|from|with|to|its|that|meters?|grades?|products?|fuels?|unleaded|hoses?|nozzles?|please)"
ON = r"(?:on|for|at|of|in|from|to|@|:|-|=|>|\()"
TICKET_LABEL = re.compile(
    r"(?<![A-Za-z])(?P<label>priority|asset(?: (?:id|name))?|manufacturer|mfr|make|model|serial(?: (?:number|no\.?|#))?|issue|description|problem|caller|contact|notes?|request|category|status) ?: ?",
    re.IGNORECASE,
)
OCTANE = re.compile(r"\d\d ?octane(?![A-Za-z])", re.IGNORECASE)
VAGUE = re.compile(rf"(?<![A-Za-z])(?:{_VAGUE_GRADE})", re.IGNORECASE)

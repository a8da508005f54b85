"""How dates are said in seven languages: words and forms, nothing that computes.

Everything is written folded: lower case, without accents, ``'`` for every apostrophe. A form is a regular expression
with names in braces: ``{day}``, ``{month}`` and ``{year}`` of a date; ``{sure}``, a month whose name is no other word;
``{count}``, a number; ``{unit}``, an hour, day, week, month or year; ``{long}``, a week, month or year; ``{point}``,
``{first}`` and ``{second}``, points in time as `DateWords.point` says them.

To add a language, add its `DateWords` to `LANGUAGES` and its questions to the tests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Forms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DateWords:
    """One language's words and forms.

    Attributes:
        months: names of the months, January first.
        doubtful: those of the names that are other words too: with a year alone beside them they are no month.
        units: hour, day, week, month and year.
        numbers: words for 2, 3, and so on.
        point: a day, month or year, as it stands after "since" or "between".
        between: two points and all that lies between them.
        since: a point and all that came after it.
        date: a day, with its year or without.
        month: a month, with its year or without; a name alone could be anybody's.
        year: a year that is said to be one; four digits alone could be anything.
        ago: one day, week, month or year so many of them ago.
        past: so many units up to now; one where there is no ``{count}``.
        last: the week, month or year before this one.
        this: this week, month or year.
        day_before: the day before yesterday.
        yesterday: that day.
        today: this day, or a part of it.
        counted: what is counted by four digits that are no year.
        homographs: words for a day that are words of another language too; they need one of `cues` beside them.
        cues: words, or parts of them, that tell the language, accents kept.
    """

    months: Forms
    units: Forms
    numbers: Forms
    point: str
    between: Forms
    since: Forms
    date: Forms
    month: Forms
    year: Forms
    ago: Forms
    past: Forms
    last: Forms
    this: Forms
    day_before: Forms
    yesterday: Forms
    today: Forms
    counted: str
    doubtful: frozenset[str] = frozenset()
    homographs: str = ""
    cues: str = ""


ENGLISH = DateWords(
    months=(
        *("january|jan", "february|feb", "march|mar", "april|apr", "may", "june|jun", "july|jul", "august|aug"),
        *("september|sept?", "october|oct", "november|nov", "december|dec"),
    ),
    doubtful=frozenset({"may"}),
    units=("hours?", "days?", "weeks?", "months?", "years?"),
    numbers=("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    point="(?:the )?(?:{day}(?:st|nd|rd|th)?(?: of)? )?{month}(?: {day2}(?:st|nd|rd|th)?)?(?:,? {year})?|{year2}",
    between=("between {first} and {second}", "from {first} (?:to|until|till|through) {second}"),
    since=("since {point}", "from {point} on(?:wards?)?"),
    date=(
        "{day}(?:st|nd|rd|th)?(?: of)? {month},? {year}",
        "{month} {day}(?:st|nd|rd|th)?,? {year}",
        "on (?:the )?{day}(?:st|nd|rd|th)?(?: of)? {month}",
        "on {month} {day}(?:st|nd|rd|th)?",
        "{day}(?:st|nd|rd|th)?(?: of)? {sure}",
        "{sure} {day}(?:st|nd|rd|th)?",
    ),
    month=(
        "(?:in|during|throughout) (?:early |mid-?|late )?{month}(?:,? (?:of )?{year})?",
        "(?:last|this) {sure}",
        "{sure},? {year}",
    ),
    year=("(?:in|during|throughout) (?:early |mid-?|late )?{year}", "the year {year}"),
    ago=("{count} {unit} ago",),
    past=(
        "(?:past|last|previous) {count} {unit}",
        "(?:in|over|during|within) the (?:last|past) {unit}",
        "the past {unit}",
    ),
    last=("(?<!the )(?<!his )(?<!her )(?<!its )(?<!their )last {long}(?! of)",),
    this=("this {long}",),
    day_before=("the day before yesterday",),
    yesterday=("yesterday|last night",),
    today=("today|tonight|this (?:morning|afternoon|evening)",),
    counted="people|men|women|children|times|euros?|dollars?|pounds?|k?m|miles?|met(?:er|re)s?|years?|days?|hours?|words",
)

GERMAN = DateWords(
    months=(
        *("januar|janner|jan", "februar|feb", "marz", "april", "mai", "juni", "juli", "august"),
        *("september", "oktober", "november", "dezember"),
    ),
    units=("stunden?", "tag(?:en?)?", "wochen?", "monat(?:en?|s)?", "jahr(?:en?|s)?"),
    numbers=("zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun", "zehn"),
    point=r"(?:dem )?(?:{day}\. ?)?{month}(?: {year})?|(?:dem jahr )?{year2}",
    between=("zwischen {first} und {second}", "von {first} bis {second}", "vom {first} bis zum {second}"),
    since=("seit {point}", "ab {point}"),
    date=(
        r"{day}\. ?{month} {year}",
        r"(?:am|vom|zum) {day}\. ?{month}",
        r"{day}\. ?{sure}",
    ),
    month=("(?:im|in) (?:(?:letzten|vergangenen) )?{month}(?: {year})?", "{sure} {year}"),
    year=("(?:im jahre?|des jahres) {year}", "in {year}"),
    ago=("vor {count} {unit}",),
    past=(
        "(?:letzten|vergangenen) {count} {unit}",
        "{count} (?:letzten|vergangenen) {unit}",
        "in der (?:letzten|vergangenen) {unit}",
    ),
    last=("(?<!die )(?<!das )(?:letzte|vergangene|vorige)[nrs]? {long}",),
    this=("diese[nrsm]? {long}",),
    day_before=("vorgestern",),
    yesterday=("gestern",),
    today=("heute(?!-)",),
    counted="menschen|leute|personen|manner|frauen|kinder|mal|euro|dollar|k?m|meter[n]?|jahren?|tagen?|stunden|worter",
)

TURKISH = DateWords(
    months=(
        *("ocak", "subat", "mart", "nisan", "mayis", "haziran", "temmuz", "agustos"),
        *("eylul", "ekim", "kasim", "aralik"),
    ),
    units=("saat", "gun", "hafta", "ay", "yil|sene"),
    numbers=("iki", "uc", "dort", "bes", "alti", "yedi", "sekiz", "dokuz", "on"),
    point="(?:{day} )?{month}(?: {year})?|{year2}",
    between=("{first}(?: ile| ve|-) ?{second}(?: yillari| aylari| tarihleri)? arasi(?:nda|ndaki)",),
    since=(
        "{point}(?: yili| ayi)?'?n?[dt][ae]n (?:beri|bu yana|itibaren)",
        "{point}'?[dt][ae]n beri",
    ),
    date=("{day} {month} {year}(?:'[dt][ae]n?|'de?ki)?", "{day} {month}(?:'?[dt][ae]n?|'?[dt][ae]ki)?"),
    month=(
        "{month} {year}(?:'?[dt][ae](?:ki)?)?",
        "{year}(?: yili)? {month}(?: ayi(?:nda|ndaki|nin))?(?:'?[dt][ae](?:ki)?)?",
        "(?:gecen )?{month} ayi(?:nda|ndaki|nin)",
        "{month}'?[dt][ae](?:ki)?",
    ),
    year=("{year}'?[dt][ae](?:ki)?", "{year} (?:yili|senesi)(?:nda|nde|ndaki|ndeki|nin)"),
    ago=("{count} {unit} once(?:ki)?",),
    past=("son {count} {unit}(?:[dt][ae]|[dt][ae]ki|[iu]n|nin|d[iu]r|l[iu]k)?", "son bir {unit}(?:[dt][ae]|nin)?"),
    last=("(?:gecen|gectigimiz|onceki) {long}(?:ki|[iu]n|nin|[dt]a)?",),
    this=("bu {long}(?:ki|[iu]n|nin|[dt]a|dan)?",),
    day_before=("evvelsi gun|onceki gun",),
    yesterday=("dun(?:ku)?",),
    today=("bugun(?:ku)?|bu (?:sabah|aksam|gece)",),
    counted="kisi|insan|kadin|erkek|cocuk|kez|kere|lira|euro|dolar|k?m|metre|yil|gun|saat|kelime",
    homographs="dun",
    cues=r"[üşğı]|\b(?:ne|neden|kim|kimler|nerede|hangi|oldu|dedi)\b",
)

FRENCH = DateWords(
    months=(
        *("janvier", "fevrier", "mars", "avril", "mai", "juin", "juillet", "aout"),
        *("septembre", "octobre", "novembre", "decembre"),
    ),
    doubtful=frozenset({"mars"}),
    units=("heures?", "jours?", "semaines?", "mois", "annees?|ans?"),
    numbers=("deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
    point="(?:le )?(?:{day}(?:er)? )?{month}(?: {year})?|{year2}",
    between=("entre {first} et {second}", "de {first} a {second}", "du {first} au {second}"),
    since=("depuis {point}", "a partir (?:de |du |d')?{point}"),
    date=("{day}(?:er)? {month} {year}", "(?:le|du) {day}(?:er)? {month}", "{day}(?:er)? {sure}"),
    month=("en {month}(?: {year})?", "(?:au|du) mois (?:de |d'){month}(?: {year})?", "{sure} {year}"),
    year=("(?:en|durant|pendant|courant) {year}", "l'an(?:nee)? {year}"),
    ago=("il y a {count} {unit}",),
    past=("{count} (?:derniers|dernieres) {unit}", "(?:derniers|dernieres) {count} {unit}"),
    last=("{long} (?:dernier|derniere|passee?)",),
    this=("ce(?:tte|t)? {long}(?:-ci)?",),
    day_before=("avant-hier",),
    yesterday=("hier",),
    today=("aujourd'hui|ce (?:matin|soir)",),
    counted="personnes|hommes|femmes|enfants|fois|euros?|dollars?|k?m|metres?|ans|jours|heures|mots",
    homographs="hier",
    cues=r"[éèêàç]|\b(?:que|quoi|qui|quels?|quelles?|est|sont|ont|pourquoi|comment|qu'|s'|l')",
)

SPANISH = DateWords(
    months=(
        *("enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto"),
        *("sep?tiembre", "octubre", "noviembre", "diciembre"),
    ),
    units=("horas?", "dias?", "semanas?", "mes(?:es)?", "anos?"),
    numbers=("dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez"),
    point="(?:el )?(?:{day} de )?{month}(?: del? {year})?|(?:el )?{year2}",
    between=("entre {first} y {second}", "de(?:sde)? {first} (?:a|hasta) {second}", "del {first} al {second}"),
    since=("desde {point}", "a partir del? {point}"),
    date=("{day} de {month}(?: del?)? {year}", "(?:el|del) {day} de {month}", "{day} de {sure}"),
    month=("en(?: el mes de)? {month}(?:(?: del?)? {year})?", "{sure}(?: del?)? {year}"),
    year=("(?:en|durante) (?:el )?{year}", "(?:el|del) ano {year}"),
    ago=("hace {count} {unit}",),
    past=("ultim[oa]s {count} {unit}", "{count} ultim[oa]s {unit}"),
    last=("{long} pasad[oa]", "pasad[oa] {long}"),
    this=("est[ea] {long}",),
    day_before=("anteayer|antes de ayer",),
    yesterday=("ayer",),
    today=("hoy|esta (?:manana|tarde|noche)",),
    counted="personas|hombres|mujeres|ninos|veces|euros?|dolares|pesos|k?m|metros?|anos|dias|horas|palabras",
)

ITALIAN = DateWords(
    months=(
        *("gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto"),
        *("settembre", "ottobre", "novembre", "dicembre"),
    ),
    units=("or[ae]", "giorn[oi]", "settiman[ae]", "mes[ei]", "ann[oi]"),
    numbers=("due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci"),
    point="(?:il |l')?(?:{day} )?{month}(?: (?:del )?{year})?|(?:il )?{year2}",
    between=("(?:tra|fra) {first} e {second}", "dal? {first} al? {second}"),
    since=("da(?:l|ll')? ?{point}", "a partire da(?:l|ll')? ?{point}"),
    date=("{day} {month}(?: del)? {year}", "(?:il |l'|del |dell'){day} {month}", "{day} {sure}"),
    month=("(?:a|in|nel mese di) {month}(?: (?:del )?{year})?", "{sure}(?: del)? {year}"),
    year=("(?:nel|durante il) {year}", "(?:nell'|dell')anno {year}"),
    ago=("{count} {unit} fa",),
    past=("ultim[ie] {count} {unit}",),
    last=("{long} (?:scors|passat)[oa]", "scors[oa] {long}"),
    this=("quest(?:[oa] |'){long}",),
    day_before=("l'altro ?ieri|altroieri",),
    yesterday=("ieri",),
    today=("oggi|stamattina|stasera",),
    counted="persone|uomini|donne|bambini|volte|euro|dollari|k?m|metri|anni|giorni|ore|parole",
)

PORTUGUESE = DateWords(
    months=(
        *("janeiro", "fevereiro", "marco", "abril", "maio", "junho", "julho", "agosto"),
        *("setembro", "outubro", "novembro", "dezembro"),
    ),
    doubtful=frozenset({"marco"}),
    units=("horas?", "dias?", "semanas?", "mes(?:es)?", "anos?"),
    numbers=("dois|duas", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove", "dez"),
    point="(?:o )?(?:{day} de )?{month}(?: de {year})?|{year2}",
    between=("entre {first} e {second}", "de(?:sde)? {first} (?:a|ate) {second}"),
    since=("desde {point}", "a partir de {point}"),
    date=("{day} de {month} de {year}", "(?:em|no dia|a|de) {day} de {month}", "{day} de {sure}"),
    month=("em {month}(?: de {year})?", "no mes de {month}(?: de {year})?", "{month} de {year}", "{sure} {year}"),
    year=("(?:em|durante) {year}", "(?:n|d)?o ano de {year}"),
    ago=("ha {count} {unit}", "{count} {unit} atras"),
    past=("ultim[oa]s {count} {unit}",),
    last=("{long} passad[oa]",),
    this=("[nd]?est[ea] {long}",),
    day_before=("anteontem",),
    yesterday=("ontem",),
    today=("hoje",),
    counted="pessoas|homens|mulheres|criancas|vezes|euros?|dolares|reais|k?m|metros?|anos|dias|horas|palavras",
)

LANGUAGES: Mapping[str, DateWords] = {
    "en": ENGLISH,
    "de": GERMAN,
    "tr": TURKISH,
    "fr": FRENCH,
    "es": SPANISH,
    "it": ITALIAN,
    "pt": PORTUGUESE,
}

"""The words of consent notices, by language and by what they speak of. Data for `notices`, nothing else.

Each entry is a regular expression for case-folded text; stems stand open at the end, so that their forms match too.
"""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """One language's words for the five things that notices speak of, and for the short lines around them: a
    greeting before, buttons after.

    `cookie` has its own words only: "cookie" itself is understood everywhere. Each of them starts with a letter, which
    makes the search for them fast.
    """

    cookie: str
    site: str
    consent: str
    reader: str
    purpose: str
    greeting: str
    button: str


WORDS = {
    "ar": Words(
        cookie=r"ملفات (?:تعريف )?الارتباط|الكوكيز|كوكيز",
        site=r"نحن|نستخدم|موقعنا|شركا[ئؤ]نا|هذا الموقع|لدينا",
        consent=r"موافق|توافق|نوافق|قبول|تقبل|رفض",
        reader=r"\bلك\b|جهازك|تجربتك|متصفحك|تفضيلاتك|بياناتك|اهتماماتك|استخدامك|بتصفح|تصفحك",
        purpose=r"إعلان|الإعلانات|تجربة|تجربتك|الخصوصية|تخصيص|مخصص|تفضيلات|تحليل|متصفح",
        greeting=r"نحن نحترم خصوصيتك|خصوصيتك",
        button=r"قبول|أوافق|موافق|رفض|إعدادات|المزيد",
    ),
    "de": Words(
        cookie=r"informationen auf (?:einem|ihrem) gerät",
        site=r"\bwir\b|\buns\b|\bunsere[rnms]?\b|diese[r]? (?:web)?(?:site|seite)",
        consent=r"zustimm|\bstimmen\b.{0,90}\bzu\b|einwillig|akzeptier|einverstanden|ablehn|widerruf",
        reader=r"\bsie\b|\bihn?en\b|\bihr(?:e[nrms]?)?\b|\bdu\b|\bdein",
        purpose=r"werbung|anzeigen|personalisier|datenschutz|erlebnis|einstellungen|partner|analys|browser|zugriffe",
        greeting=r"(?:wir respektieren )?ihre privatsphäre|datenschutz-?einstellungen",
        button=r"alle|akzeptieren|ablehnen|einstellungen|zustimmen|mehr erfahren|nur notwendige|datenschutz",
    ),
    "en": Words(
        cookie=r"access information on (?:a|your) device",
        site=r"\bwe\b|\bus\b|\bour\b|\bthis (?:web ?)?site\b",
        consent=r"\bconsent|\baccept|\bagree|\breject|opt[- ]out|by continuing|by using|\ballow",
        reader=r"\byour?\b",
        purpose=r"advert|\bads?\b|personali[sz]|analy[tsz]|experience|preferences|privacy|cookie policy|browser"
        r"|\bpartners\b|traffic|marketing",
        greeting=r"(?:we (?:value|respect|care about) )?your privacy|privacy (?:settings|preferences)",
        button=r"accept|reject|allow|manage|cookie|privacy|got it|ok\b|i agree|more options|learn more|settings"
        r"|preferences|save|we value your privacy|necessary only",
    ),
    "es": Words(
        cookie=r"información (?:en|de) (?:un|su) dispositivo",
        site=r"utilizamos|usamos|empleamos|\bnuestr[oa]s?\b|\bnosotros\b|est[ea] (?:sitio|web|página)",
        consent=r"acept|rechaz|consent|consient|\bacuerdo\b|si continúa",
        reader=r"\b(?:su|sus|usted|tu|tus|le|te)\b",
        purpose=r"publicid|anuncios|personaliz|experiencia|privacidad|preferencias|navega|socios|anali|tráfico",
        greeting=r"(?:valoramos|nos importa|respetamos) (?:tu|su) privacidad|tu privacidad",
        button=r"aceptar|acepto|rechazar|configurar|más información|preferencias|política",
    ),
    "fr": Words(
        cookie=r"traceurs|informations sur (?:un|votre) (?:appareil|terminal)",
        site=r"\bnous\b|\bnos\b|\bnotre\b|\bce site\b",
        consent=r"consent|accept|refus|\baccord\b|en poursuivant|en continuant",
        reader=r"\bvous\b|\bvotre\b|\bvos\b|\btu\b|\btes\b",
        purpose=r"publicit|personnalis|expérience|confidentialité|navigation|navigateur|partenaires|préférences|audience"
        r"|analys",
        greeting=r"(?:nous respectons )?votre vie privée|le respect de votre vie privée",
        button=r"tout|accepter|j'accepte|refuser|paramét|gérer|continuer|en savoir plus|politique",
    ),
    "it": Words(
        cookie=r"informazioni su (?:un|sul tuo) dispositivo",
        site=r"utilizziamo|usiamo|\bnoi\b|\bnostr[oiae]\b|\b(?:questo|il) sito\b",
        consent=r"accett|rifiut|consens|acconsent|consent|continuando|proseguendo",
        reader=r"\b(?:tuo|tuoi|tua|tue|ti|vostr[oiae]|suo|sua|suoi|sue|utente)\b",
        purpose=r"pubblicit|annunci|personalizz|esperienza|informativa|privacy|preferenze|navigazione|partner|anali",
        greeting=r"(?:rispettiamo |teniamo al)?la (?:tua|vostra) privacy",
        button=r"accett|rifiut|gestisci|impostazioni|maggiori informazioni|preferenze|personalizza",
    ),
    "pt": Words(
        cookie=r"informações (?:em|no|num) (?:seu )?dispositivo",
        site=r"utilizamos|usamos|\bnós\b|\bnoss[oa]s?\b|\beste site\b",
        consent=r"aceit|concord|rejeit|recus|consent|ao continuar",
        reader=r"\b(?:você|seu|sua|seus|suas|lhe)\b",
        purpose=r"publicidade|anúncios|personaliz|experiência|privacidade|preferências|navega|parceiros|anali|tráfego",
        greeting=r"(?:valorizamos |respeitamos )?a (?:sua|tua) privacidade",
        button=r"aceit|rejeitar|recusar|gerir|gerenciar|configura|saiba mais|definições|política",
    ),
    "ru": Words(
        cookie=r"куки\b",
        site=r"\bмы\b|\bнас\b|\bнаш\w*|\bэто[тм]\w* сайт\w*",
        consent=r"соглас|соглаш|приним|принят|отклон|разреш|продолжая",
        reader=r"\bвы\b|\bваш\w*|\bвам\b|\bвас\b",
        purpose=r"реклам|персонализ|конфиденциальност|персональн|настройк|опыт|браузер|партн[её]р|анали|предпочтени|удобств",
        greeting=r"(?:мы ценим )?вашу? конфиденциальность",
        button=r"принять|отклонить|настро|соглас|подробнее|хорошо|понятно",
    ),
    "tr": Words(
        cookie=r"çerez",
        site=r"sitemiz|sitelerimiz|\bbiz\b|\bbu (?:web |internet )?site"
        r"|(?:[ıiuü]yoruz|maktayız|mekteyiz|abiliriz|ebiliriz)\b|politikamız|amacımız|sayfalarımız",
        consent=r"\bizin|\bizni|\bonay|kabul|reddet|\brıza|devam ed",
        reader=r"\bsiz(?:e|i|in|ler\w*)?\b|\w(?:ınız|iniz|unuz|ünüz)(?:[ıiuü]|[dt][ae]n?|e|a)?\b",
        purpose=r"reklam|kişisel|deneyim|politika|tarayıcı|pazarlama|analiz|tercih|iş ortak|optimize",
        greeting=r"gizliliğiniz|gizlilik (?:ayarları|tercihleri)",
        button=r"tümünü|kabul|reddet|ayarlar|çerez|anladım|tamam|tercihler|daha fazla|detaylı",
    ),
}

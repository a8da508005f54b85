"""The words that introduce authors and dates in the lines between a headline and its article. Data for `bylines` only.

Each entry is a regular expression that is matched without regard to case.
"""

from __future__ import annotations

from typing import NamedTuple


class Credits(NamedTuple):
    """One language's words: `by` stands before a name, `author` is a label with a colon, `published` and `updated`
    stand before a date."""

    by: str
    author: str
    published: str
    updated: str


CREDITS = {
    "ar": Credits(
        by=r"بقلم|كتبت?",
        author=r"(?:ال)?كاتبة?|إعداد",
        published=r"نشرت?(?: في| بتاريخ)?|تاريخ النشر|التاريخ",
        updated=r"آخر تحديث|تحديث|حدثت?(?: في)?",
    ),
    "de": Credits(
        by=r"von",
        author=r"autor(?:in|en)?",
        published=r"(?:veröffentlicht|erstellt|erschienen)(?: am)?|datum",
        updated=r"(?:zuletzt )?(?:aktualisiert|geändert)(?: am)?",
    ),
    "en": Credits(
        by=r"(?:(?:written|reported|story|words|report) )?by",
        author=r"(?:authors?|writer|reporter)",
        published=r"(?:first )?(?:published|posted)(?: on| at)?|date",
        updated=r"(?:last )?(?:updated|modified)(?: on| at)?",
    ),
    "es": Credits(
        by=r"por",
        author=r"autor(?:a|es)?",
        published=r"publicado(?: el| em| a)?|fecha",
        updated=r"actualizado(?: el)?|última actualización",
    ),
    "fr": Credits(
        by=r"par",
        author=r"auteure?s?",
        published=r"(?:publié|paru|mis en ligne)e?(?: le)?",
        updated=r"mise? à jour(?: le)?|modifié(?: le)?|actualisé(?: le)?",
    ),
    "it": Credits(
        by=r"di|a cura di",
        author=r"autor[ei]|autrice",
        published=r"pubblicato(?: il)?|data",
        updated=r"(?:aggiornato|modificato)(?: il)?|ultimo aggiornamento",
    ),
    "pt": Credits(
        by=r"por",
        author=r"autor(?:a|es)?",
        published=r"publicado(?: el| em| a)?|data",
        updated=r"a(?:c)?tualizado(?: em| a)?|última atualização",
    ),
    "ru": Credits(
        by=r"автор",
        author=r"авторы?",
        published=r"опубликовано|дата(?: публикации)?",
        updated=r"обновлено|изменено",
    ),
    "tr": Credits(
        by=r"yazan",
        author=r"yazar|yazan|haber|muhabir",
        published=r"(?:yay[ıi]n(?:lanma)?|giri[şs]|olu[şs]turulma)(?: tarihi)?|yay[ıi]nland[ıi]|tarih",
        updated=r"(?:son )?g[üu]ncelle(?:n)?me(?: tarihi)?|g[üu]ncellendi",
    ),
}

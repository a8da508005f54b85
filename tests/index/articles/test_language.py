"""Languages: codes brought into one form, and texts told apart."""

from __future__ import annotations

import pytest

from index.articles.language import code, detect


@pytest.mark.parametrize(
    ("given", "expected"),
    [("en", "en"), (" EN ", "en"), ("en-US", "en"), ("zh_Hant_TW", "zh"), ("iw", "he"), ("in", "id"), ("xx", "xx")],
)
def test_codes(given: str, expected: str) -> None:
    assert code(given) == expected


@pytest.mark.parametrize("given", ["", "e", "eng", "English", "en us", "12", "en-"])
def test_what_is_no_code(given: str) -> None:
    assert code(given) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The council has set aside money for the repair of three bridges, and work starts in June.", "en"),
        ("Belediyenin yeni vapuru salı sabahı ilk seferini yaptı ve yolcular çok memnun kaldı.", "tr"),
        ("Zum ersten Mal seit siebzehn Jahren hat in der Nacht ein Zug am Bahnhof gehalten.", "de"),
        ("Le conseil municipal a voté lundi soir la réparation des trois ponts de la ville.", "fr"),
        ("市议会星期一决定修理三座桥梁，工程将于六月开始。", "zh"),
        ("Городской совет решил отремонтировать три моста, работы начнутся в июне.", "ru"),
        ("قرر مجلس المدينة إصلاح الجسور الثلاثة، وستبدأ الأعمال في يونيو.", "ar"),
    ],
)
def test_the_language_of_a_text(text: str, expected: str) -> None:
    assert detect(text) == expected


@pytest.mark.parametrize(
    "text", ["", "NATO", "12345 67890 12345", "OK then", "Return a product", "ab cd ef gh ij kl mn"]
)
def test_short_or_doubtful_text_has_none(text: str) -> None:
    assert detect(text) is None


def test_only_the_start_of_a_text_is_read() -> None:
    start = "The council has set aside money for the repair of three bridges. " * 40
    assert detect(start + "Zum ersten Mal seit siebzehn Jahren hat ein Zug gehalten. " * 400) == "en"

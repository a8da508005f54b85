"""Consent notices in nine languages are found; articles that speak of cookies are left alone."""

from __future__ import annotations

import pytest

from index.articles.blocks import plain_blocks
from index.articles.notices import find

BODY = """Council approves the plan

The council approved the plan on Monday after a debate of three hours in the town hall.

The mayor welcomed the vote and said that work would begin in spring, as soon as the ground has thawed.

Opponents have thirty days to appeal. The last appeal of this kind, in 2019, was thrown out."""

NOTICES = [
    "We use cookies to personalise content and adverts and to measure our traffic. You can accept or reject them.",
    "This website uses cookies to make sure that you get the best experience on our pages.",
    "By continuing to browse this site, you agree to our use of cookies.",
    "We and our partners access information on your device to show personalised ads. You may change your consent.",
    "Sitemizde size daha iyi hizmet verebilmek için çerezler kullanılmaktadır. Devam ederek bunu kabul edersiniz.",
    "Deneyiminizi iyileştirmek için çerezler kullanıyoruz. Ayrıntılar çerez politikamızdadır.",
    "Wir verwenden Cookies, um Anzeigen zu personalisieren. Sie können Ihre Einwilligung jederzeit widerrufen.",
    "Diese Website verwendet Cookies. Wenn Sie weiterlesen, stimmen Sie deren Verwendung zu.",
    "Nous utilisons des cookies pour améliorer votre expérience. Vous pouvez les accepter ou les refuser.",
    "En poursuivant votre navigation sur ce site, vous acceptez l'utilisation de cookies.",
    "Utilizamos cookies para mostrarle publicidad personalizada. Puede aceptarlas o rechazarlas.",
    "Si continúa navegando, acepta el uso de cookies en este sitio web.",
    "Utilizziamo i cookie per migliorare la tua esperienza. Puoi accettare o rifiutare.",
    "Questo sito utilizza cookie. Proseguendo la navigazione acconsenti al loro uso.",
    "Utilizamos cookies para melhorar a sua experiência. Pode aceitar ou rejeitar.",
    "Este site usa cookies. Ao continuar a navegar, você concorda com a nossa política de privacidade.",
    "Мы используем файлы cookie, чтобы показывать вам рекламу. Вы можете принять или отклонить их.",
    "Продолжая пользоваться нашим сайтом, вы соглашаетесь на использование файлов куки.",
    "نستخدم ملفات تعريف الارتباط لتحسين تجربتك وعرض إعلانات مخصصة. يمكنك قبولها أو رفضها.",
    "يستخدم هذا الموقع ملفات تعريف الارتباط. بمتابعة تصفحك فإنك توافق على استخدامها.",
]


def found(text: str, title: str | None = None) -> list[str]:
    blocks = plain_blocks(text)
    return [blocks[number].text for run in find(blocks, title) for number in run]


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_at_the_end(notice: str) -> None:
    assert found(f"{BODY}\n\n{notice}") == [notice]


@pytest.mark.parametrize("notice", NOTICES)
def test_a_notice_at_the_start(notice: str) -> None:
    assert found(f"{notice}\n\n{BODY}") == [notice]


def test_a_notice_in_the_middle() -> None:
    title, *paragraphs = BODY.split("\n\n")
    text = "\n\n".join([title, paragraphs[0], NOTICES[0], *paragraphs[1:]])
    assert found(text) == [NOTICES[0]]


def test_the_cross_the_buttons_and_weaker_paragraphs_go_with_it() -> None:
    notice = [
        "X",
        "Cookie settings",
        "We value your privacy",
        "Cookies make our pages work and show adverts.",
        NOTICES[0],
        "Cookies live in the browser.",
        "You may withdraw your consent. We and our partners show you adverts.",
        "Accept all",
        "More options",
    ]
    body = BODY + "\n\nThe bridge was built in 1931 by masons from the valley." * 3
    assert found(body + "\n\n" + "\n\n".join(notice)) == notice


def test_a_paragraph_after_the_notice_is_kept() -> None:
    assert found(f"{BODY}\n\n{NOTICES[0]}\n\nThe vote was the last before the summer.") == [NOTICES[0]]


def test_a_short_sentence_before_the_notice_is_kept() -> None:
    assert found(f"{BODY}\n\nAll are welcome\n\n{NOTICES[0]}\n\nAll are settled.") == [NOTICES[0]]


def test_a_weak_paragraph_alone_is_kept() -> None:
    assert found(f"{BODY}\n\nCookies are used on this site.") == []


def test_a_button_alone_is_kept() -> None:
    assert found(f"{BODY}\n\nAccept all") == []


def test_a_quoted_notice_is_kept() -> None:
    assert found(f"{BODY}\n\n“{NOTICES[0]}”, it said on the page.") == []


ABOUT_COOKIES = [
    """Browser maker drops its plan to block cookies

The company will not block third-party cookies after all. Advertisers had feared for their business.

Users will be asked once whether they consent to cookies for personalised adverts, and can change their preferences.

"We believe that you should choose, and we will ask you to accept or reject cookies," its spokesman said.""",
    """Datenschützer rügt Cookie-Banner

Die Behörde hat zwölf Verlage gerügt, weil ihre Banner die Nutzer zur Einwilligung in Cookies drängen.

„Wir werden unsere Prüfungen ausweiten“, sagte die Leiterin. Sie rät, Cookies für Werbung erst nach der Zustimmung
zu setzen.""",
    """Kuruldan çerez cezası

Kurul, çerezler için açık rıza almayan iki siteye ceza verdi. Kullanıcılar reklam çerezlerini reddedebilmeli.

Şirketler karara itiraz edebilecek.""",
    """Cookies keep for a week

We bake our cookies with butter and honey. You can use sugar if you prefer; our readers agree on the experience.

If your oven runs hot, we recommend that you look at the cookies after eight minutes.""",
    """How this shop uses cookies

We use cookies to keep you signed in. You can reject advertising cookies in the settings; we respect your consent.

If you accept them, our partners show you adverts that fit what you looked at. You may change your mind at any time.""",
]


@pytest.mark.parametrize("article", ABOUT_COOKIES)
def test_an_article_about_cookies_is_kept(article: str) -> None:
    assert found(article) == []


def test_a_sure_notice_at_the_end_of_an_article_about_cookies_goes() -> None:
    article = ABOUT_COOKIES[0] + "\n\nRegulators will look at how freely the choice is made." * 2
    assert found(f"{article}\n\n{NOTICES[0]}\n\nAccept all") == [NOTICES[0], "Accept all"]


def test_the_title_alone_can_tell_what_an_article_is_about() -> None:
    assert found(f"{BODY}\n\n{NOTICES[1]}", title="The trouble with cookies") == []


def test_a_notice_that_is_all_there_is_is_kept() -> None:
    assert found(NOTICES[0]) == []

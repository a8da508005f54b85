"""Feeds, documents and archives: what is read of each, and what is refused by name."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import brotli
import docx
import pypdf
import pytest
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement, parse_xml
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from index.articles.article import Article, Draft
from index.articles.clean import clean
from index.articles.many import tried
from index.articles.readers import archives, files, pdf, read_bytes, read_paths, warc
from index.articles.readers import docx as docx_reader
from index.errors import Unreadable

TEXT = "The night boat to the island runs again from April."

RSS = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>The Gazette</title><language>en-gb</language>
<item><title>Night boat &amp; day boat</title><link>https://gazette.example.org/boat</link>
<dc:creator>Dora Pell</dc:creator>
<pubDate>Wed, 05 Mar 2025 10:00:00 GMT</pubDate><category>ferries</category><description>Short.</description>
<content:encoded><![CDATA[<p>{TEXT}</p>]]></content:encoded></item>
<item><title>Mill</title><guid>https://gazette.example.org/mill</guid><pubDate>soon</pubDate>
<description>The mill burns.</description></item><item><title>Nothing</title></item></channel></rss>"""
ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Anzeiger</title><entry><title>Boot</title>
<link rel="self" href="https://a.example.org/self"/><link href="https://a.example.org/boot"/>
<author><name>Maren Tiefensee</name></author><updated>2025-03-05T10:00:00+01:00</updated><category term="Fähre"/>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{TEXT}</p></div></content></entry></feed>"""


def reason(data: bytes, name: str) -> str:
    (found,) = read_bytes(data, name)
    assert isinstance(found, Unreadable)
    return found.message


def zipped(members: dict[str, bytes | str]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return stream.getvalue()


def word_file() -> bytes:
    document = docx.Document()
    document.core_properties.title, document.core_properties.author = "Night boat", "Dora Pell"
    document.add_heading("Timetable", 1)
    document.add_paragraph(TEXT)
    table = document.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Mon", "21:00"
    stream = io.BytesIO()
    document.save(stream)
    return stream.getvalue()


def pdf_file(*pages: str, title: str = "Night boat", password: str | None = None) -> bytes:
    writer = pypdf.PdfWriter()
    for text in pages:
        page = writer.add_blank_page(300, 300)
        font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
        named = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
        fonts = DictionaryObject({NameObject("/F1"): named})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        content = DecodedStreamObject()
        content.set_data(f"BT /F1 12 Tf 10 200 Td ({text}) Tj ET".encode())
        page[NameObject("/Contents")] = writer._add_object(content)
    writer.add_metadata({"/Title": title, "/Author": "Dora Pell"})
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    stream = io.BytesIO()
    writer.write(stream)
    return stream.getvalue()


def book() -> bytes:
    package = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
    <dc:title>Boats</dc:title><dc:creator>Dora Pell</dc:creator><dc:language>en</dc:language></metadata>
    <manifest><item id="a" href="one%20a.xhtml"/><item id="b" href="gone.xhtml"/></manifest>
    <spine><itemref idref="a"/><itemref idref="b"/></spine></package>"""
    container = "<container><rootfiles><rootfile full-path='OEBPS/book.opf'/></rootfiles></container>"
    chapter = f"<html><body><h1>One</h1><p>{TEXT}</p></body></html>"
    return zipped({"META-INF/container.xml": container, "OEBPS/book.opf": package, "OEBPS/one a.xhtml": chapter})


ANSWERS = (("200 OK", "text/html", TEXT.encode()), ("200 OK", "image/png", b"x"), ("404 No", "text/html", b"x"))


def web_archive(answers: Sequence[tuple[str, str, bytes]] = ANSWERS, *, packed: bool) -> bytes:
    records = b""
    for status, kind, body in answers:
        http = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\n\r\n".encode() + body
        head = (
            "WARC/1.0\r\nWARC-Type: response\r\nWARC-Target-URI: https://gazette.example.org/boat\r\n"
            "WARC-Date: 2025-03-05T10:00:00Z\r\nContent-Type: application/http; msgtype=response\r\n"
        )
        record = f"{head}Content-Length: {len(http)}\r\n\r\n".encode() + http + b"\r\n\r\n"
        records += gzip.compress(record) if packed else record
    return records


def test_rss_with_whole_texts_and_summaries() -> None:
    whole, summary, empty = read_bytes(RSS.encode(), "feed.xml")
    assert whole == Draft(
        "feed.xml#1",
        f"<p>{TEXT}</p>",
        "html",
        title="Night boat & day boat",
        source="The Gazette",
        author="Dora Pell",
        published="2025-03-05T10:00:00+00:00",
        url="https://gazette.example.org/boat",
        language="en-gb",
        tags=("ferries",),
        place="feed",
    )
    assert isinstance(summary, Draft)
    assert (summary.url, summary.published) == ("https://gazette.example.org/mill", None)
    assert summary.metadata == {"feed_date": "soon", "summary_only": True}
    assert isinstance(empty, Unreadable)
    assert empty.message == "feed.xml, record 3: the entry has no text"


def test_atom_is_told_by_its_content() -> None:
    (entry,) = read_bytes(ATOM.encode(), "download")
    assert isinstance(entry, Draft)
    assert (entry.title, entry.source, entry.author, entry.language) == ("Boot", "Anzeiger", "Maren Tiefensee", "de")
    assert (entry.url, entry.published, entry.tags) == (
        "https://a.example.org/boot",
        "2025-03-05T10:00:00+01:00",
        ("Fähre",),
    )
    assert clean(entry).text == TEXT


def test_xml_that_is_no_feed() -> None:
    assert reason(b"<urlset><url/></urlset>", "s.xml") == (
        "s.xml: it is a sitemap: it lists pages, but holds none of them; give its URL and the pages are fetched"
    )
    assert reason(b"<a/>", "a.xml") == "a.xml: it is XML, but no feed: its root is <a>"
    assert reason(b"", "a.xml").startswith("a.xml: it is not XML")


def test_entities_are_not_expanded() -> None:
    data = b"<!DOCTYPE rss [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><item><description>a&x;b</description></item></rss>"
    (entry,) = read_bytes(data, "a.xml")
    assert isinstance(entry, Draft)
    assert "root:" not in entry.content


def test_a_pdf_has_pages() -> None:
    (draft,) = read_bytes(pdf_file(TEXT, "Second page."), "scan")
    assert draft == Draft(
        "scan", f"{TEXT}\fSecond page.", title="Night boat", author="Dora Pell", place="document properties"
    )
    assert [mark.kind for mark in clean(draft).breaks] == ["paragraph", "page", "paragraph"]


def test_a_pdf_without_text_or_under_lock() -> None:
    assert reason(pdf_file(""), "a.pdf") == "a.pdf: it has no text, only images; recognise its text (OCR) first"
    assert reason(pdf_file(TEXT, password="x"), "a.pdf") == ("a.pdf: it is locked with a password; save it without one")
    assert reason(b"%PDF-1.7 broken", "a.pdf").startswith("a.pdf: it is a damaged PDF: ")
    (named,) = read_bytes(pdf_file(TEXT, title="Layout 7.indd"), "a.pdf")
    assert isinstance(named, Draft)
    assert named.title is None


def test_a_pdf_with_more_text_than_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = read_bytes(pdf_file(*[TEXT] * 60), "a.pdf", largest=2900)
    assert isinstance(found, Unreadable)
    assert "it is larger than" in found.message


def test_a_word_file() -> None:
    (draft,) = read_bytes(word_file(), "upload")
    assert isinstance(draft, Draft)
    assert draft.content == f"Timetable\n\n{TEXT}\n\nMon\t21:00"
    assert (draft.title, draft.author, draft.metadata["created"]) == (
        "Night boat",
        "Dora Pell",
        "2013-12-23T23:15:00+00:00",
    )


def test_a_damaged_word_file() -> None:
    assert reason(zipped({"word/document.xml": "<a/>"}), "a.docx").startswith("a.docx: it is a damaged DOCX file: ")
    with zipfile.ZipFile(io.BytesIO(word_file())) as whole:
        files = {name: whole.read(name).decode() for name in whole.namelist() if name.endswith((".xml", ".rels"))}
    types = files["[Content_Types].xml"].replace("application/vnd.openxmlformats-package.core-properties+xml", "a/b")
    assert reason(zipped(files | {"[Content_Types].xml": types}), "a.docx").startswith("a.docx: it is a damaged DOCX")
    (large,) = read_bytes(zipped({"word/document.xml": "a" * 5000}), "a.docx", largest=4000)
    assert isinstance(large, Unreadable)
    assert "it is larger than" in large.message


def test_a_book_has_chapters() -> None:
    chapter, gone = read_bytes(book(), "boats.epub")
    assert chapter == Draft(
        "boats.epub#1", f"One\n\n{TEXT}", source="Boats", author="Dora Pell", language="en", place="package"
    )
    assert isinstance(gone, Unreadable)
    assert gone.message.startswith("boats.epub, record 2: gone.xhtml: it cannot be read: ")
    damaged = reason(zipped({"META-INF/container.xml": "<container/>"}), "a.epub")
    assert damaged.startswith("a.epub: it is a damaged EPUB file: ")


def test_a_book_of_an_odd_order() -> None:
    package = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
    <dc:title>Boats</dc:title><dc:title>A subtitle</dc:title><dc:creator>Dora Pell</dc:creator>
    <dc:creator>Ann Lee</dc:creator></metadata><manifest>
    <item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
    <item id="cover" href="cover.jpg" media-type="image/jpeg"/><item id="a" href="a.xhtml#start"/>
    <item id="bad" href="bad.xhtml"/></manifest>
    <spine><itemref idref="cover"/><itemref idref="nav"/><itemref idref="a"/><itemref idref="b"/>
    <itemref idref="bad"/></spine></package>"""
    container = "<container><rootfiles><rootfile full-path='book.opf'/></rootfiles></container>"
    chapter = f"<html><body><p>{TEXT}</p><aside>A note of the author.</aside></body></html>"
    members: dict[str, bytes | str] = {"META-INF/container.xml": container, "book.opf": package, "a.xhtml": chapter}
    members |= {"bad.xhtml": bytes(range(128, 256)) * 4, "META-INF/encryption.xml": "<encryption/>"}
    read, unknown, locked = read_bytes(zipped(members), "boats.epub")
    assert read == Draft(
        "boats.epub#3",
        f"{TEXT}\n\nA note of the author.",
        source="Boats",
        author="Dora Pell; Ann Lee",
        place="package",
    )
    assert isinstance(unknown, Unreadable)
    assert unknown.message == "boats.epub, record 4: its reading order names 'b', which is not among its files"
    assert isinstance(locked, Unreadable)
    assert locked.message.endswith("; the book may be locked (DRM)")


def element(kind: str, *inside: object, text: str = "") -> Any:
    made = OxmlElement(kind)
    if text:
        made.text = text
    made.extend(inside)
    return made


def run(text: str, kind: str = "w:t") -> Any:
    return element("w:r", element(kind, text=text))


def test_all_that_a_word_file_shows_is_read() -> None:
    document = docx.Document()
    paragraph = document.add_paragraph("The boat")
    paragraph._p.append(element("w:ins", run(" sails")))
    paragraph._p.append(element("w:del", run(" sinks", "w:delText")))
    paragraph._p.append(element("w:hyperlink", run(" at noon.")))
    field = element("w:sdt", element("w:sdtContent", element("w:p", run("A field to fill in."))))
    document.element.body.insert(1, field)
    broken = document.add_paragraph("One")
    broken.add_run().add_break()
    broken.add_run("two\tthree")
    table = document.add_table(2, 2)
    table.cell(0, 0).merge(table.cell(0, 1)).text = "Over both"
    table.cell(1, 0).text = "a"
    inner = table.cell(1, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "b", "c"
    stream = io.BytesIO()
    document.save(stream)
    (found,) = read_bytes(stream.getvalue(), "a.docx")
    assert isinstance(found, Draft)
    assert found.content == "The boat sails at noon.\n\nA field to fill in.\n\nOne\ntwo\tthree\n\nOver both\na\tb c"
    assert found.author is None  # python-docx's own name is nobody's


def boxed(*paragraphs: str) -> Any:
    return element("w:txbxContent", *(element("w:p", run(text)) for text in paragraphs))


def test_the_text_boxes_of_a_word_file_follow_their_paragraph_once() -> None:
    document = docx.Document()
    anchor = document.add_paragraph("The boat sails at noon.")
    shown = element("w:drawing", boxed("Fares", "Four crowns a head."))
    copied = parse_xml('<Fallback xmlns="http://schemas.openxmlformats.org/markup-compatibility/2006"/>')
    copied.append(element("w:pict", boxed("Fares", "Four crowns a head.")))
    anchor._p.append(element("w:r", shown, copied))
    document.add_paragraph("It comes back at six.")
    document.add_paragraph()._p.append(element("w:r", element("w:pict", boxed("Dogs pay half."))))
    stream = io.BytesIO()
    document.save(stream)
    (found,) = read_bytes(stream.getvalue(), "a.docx")
    assert isinstance(found, Draft)
    assert found.content.split("\n\n") == [
        "The boat sails at noon.",
        "Fares",
        "Four crowns a head.",
        "It comes back at six.",
        "",
        "Dogs pay half.",
    ]


def test_the_footnotes_of_a_word_file_are_read() -> None:
    document = docx.Document()
    document.add_paragraph(TEXT)
    space = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    notes = f"""<w:footnotes {space}><w:footnote w:type="separator"><w:p><w:r><w:t>-</w:t></w:r></w:p></w:footnote>
    <w:footnote w:id="1"><w:p><w:r><w:t>See the timetable.</w:t></w:r></w:p></w:footnote></w:footnotes>"""
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
    part = Part(PackURI("/word/footnotes.xml"), kind, notes.encode(), document.part.package)
    document.part.relate_to(part, "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes")
    stream = io.BytesIO()
    document.save(stream)
    (found,) = read_bytes(stream.getvalue(), "a.docx")
    assert isinstance(found, Draft)
    assert found.content == f"{TEXT}\n\nSee the timetable."


def test_the_lines_along_the_edges_of_a_pdf_go_and_are_told() -> None:
    pages = [f"The Gazette) Tj 0 -20 Td ({text}) Tj 0 -20 Td (- {number} -" for number, text in enumerate("ABC", 1)]
    (found,) = read_bytes(pdf_file(*pages), "a.pdf")
    assert isinstance(found, Draft)
    assert found.content == "A\fB\fC"
    assert found.removed == ("The Gazette", "- 1 -", "- 2 -", "- 3 -")
    assert clean(found).removed == found.removed


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"{\\rtf1 Text.}", "it is RTF; save it as DOCX or as text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "it is an old Office file; save it as DOCX"),
        (zipped({"META-INF/manifest.xml": "x"}), "it is an OpenDocument file; save it as DOCX"),
        (
            zipped({"[Content_Types].xml": "x"}),
            "it is a spreadsheet or presentation; save its text as DOCX, HTML or text",
        ),
        (b"\x89PNG\r\n\x1a\n" + bytes(99), "it is a picture, a sound or a film, and holds no text"),
        (b"\xff\xd8\xff\xe0" + bytes(99), "it is a picture, a sound or a film, and holds no text"),
    ],
)
def test_formats_that_are_not_read_are_named_with_a_way_out(data: bytes, told: str) -> None:
    assert reason(data, "a") == f"a: {told}"


def test_a_web_archive_has_pdfs_and_names_those_without_text() -> None:
    answers = [
        ("200 OK", "application/pdf", pdf_file(TEXT)),
        ("200 OK", "text/plain", b"User-agent: *"),
        ("200 OK", "application/pdf; charset=binary", pdf_file("")),
    ]
    page, empty = read_bytes(web_archive(answers, packed=True), "a.warc.gz")
    assert isinstance(page, Draft)
    assert (page.origin, page.content, page.title) == ("a.warc.gz#1", TEXT, "Night boat")
    assert page.url == "https://gazette.example.org/boat"
    assert isinstance(empty, Unreadable)
    assert empty.message.startswith("a.warc.gz, record 3: it has no text, only images")


@pytest.mark.parametrize("packed", [False, True])
def test_a_web_archive_has_pages(packed: bool) -> None:
    (page,) = read_bytes(web_archive(packed=packed), "crawl")
    assert page == Draft(
        "crawl#1",
        TEXT,
        "html",
        url="https://gazette.example.org/boat",
        metadata={"fetched": "2025-03-05T10:00:00Z"},
        place="archive record",
    )


def test_a_damaged_web_archive_keeps_what_was_read() -> None:
    page, damaged = read_bytes(web_archive(packed=False) + b"nothing else\r\n", "a.warc")
    assert page.origin == "a.warc#1"
    assert isinstance(damaged, Unreadable)
    assert damaged.message.startswith("a.warc, record 3: it is damaged, or breaks off, after this record: ")


@pytest.mark.parametrize("packed", [False, True])
def test_a_web_archive_that_breaks_off_says_so(packed: bool) -> None:
    whole = web_archive(packed=packed)
    first = len(web_archive(ANSWERS[:1], packed=packed))
    for end in (first + 3, first + 40, first + 60):
        page, *rest = read_bytes(whole[:end], "a.warc")
        assert page.origin == "a.warc#1"
        assert [type(item) for item in rest] == [Unreadable], end
        assert "breaks off" in rest[0].message
    (cut,) = read_bytes(web_archive(ANSWERS[:1], packed=False)[:-8], "a.warc")
    assert isinstance(cut, Unreadable)
    assert cut.message == "a.warc, record 1: it breaks off within this record"


def answered(encoding: str, body: bytes) -> Draft | Unreadable:
    head = f"text/html; charset=utf-8\r\nContent-Encoding: {encoding}"
    (found,) = read_bytes(web_archive([("200 OK", head, body)], packed=True), "a.warc.gz")
    return found


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT.encode(), mtime=0)),
        ("br", brotli.compress(TEXT.encode())),
        ("gzip", TEXT.encode()),
        ("br", TEXT.encode()),
        ("identity", TEXT.encode()),
    ],
    ids=["gzip", "br", "said to be gzip", "said to be br", "plain"],
)
def test_answers_are_unpacked_and_what_only_says_that_it_is_packed_is_read(encoding: str, body: bytes) -> None:
    found = answered(encoding, body)
    assert isinstance(found, Draft)
    assert found.content == TEXT


def test_answers_that_cannot_be_unpacked_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = answered("zstd", b"x")
    assert isinstance(found, Unreadable)
    assert found.message == "a.warc.gz, record 1: its page is packed as 'zstd'"
    monkeypatch.setattr(warc, "brotli", None)
    missing = answered("br", b"x")
    assert isinstance(missing, Unreadable)
    assert missing.reason == "its page is packed as 'br'; install the extra: pip install 'pincite[archives]'"


def test_a_page_that_swells_is_refused() -> None:
    head = "text/html\r\nContent-Encoding: br"
    archive = web_archive([("200 OK", head, brotli.compress(b"x" * 10**6))], packed=False)
    (found,) = read_bytes(archive, "a.warc", largest=10**5)
    assert isinstance(found, Unreadable)
    assert found.reason.startswith("it is larger than ")


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/html; charset=windows-1251", "Мост закрыт".encode("cp1251"), "Мост закрыт"),
        ('text/html;charset="iso-8859-9"', "Köprü kapandı".encode("cp1254"), "Köprü kapandı"),
        ("text/html; charset=iso-8859-1", "Мост закрыт".encode(), "Мост закрыт"),
        (
            "text/html; charset=nonsense",
            b"<meta charset=koi8-r>" + "Мост".encode("koi8-r"),
            "<meta charset=koi8-r>Мост",
        ),
        ("text/html; charset=koi8-r", b"<meta charset=latin1>" + "Мост".encode("koi8-r"), "<meta charset=latin1>Мост"),
    ],
)
def test_the_encoding_that_a_server_stated_is_kept_to(kind: str, body: bytes, text: str) -> None:
    (page,) = read_bytes(web_archive([("200 OK", kind, body)], packed=True), "a.warc.gz")
    assert isinstance(page, Draft)
    assert page.content == text


def test_a_name_that_leads_out_of_its_archive_is_refused_by_name() -> None:
    names = ("../a.txt", "b/../../c.txt", "/etc/d.txt", "..\\e.txt", "C:\\f.txt", "fine..txt")
    found = list(read_bytes(zipped(dict.fromkeys(names, "Text")), "a.zip"))
    refused = [item.message for item in found if isinstance(item, Unreadable)]
    assert refused == [f"a.zip/{name}: its name leads out of the archive; it is not read" for name in names[:5]]
    assert [item.origin for item in found if isinstance(item, Draft)] == ["a.zip/fine..txt"]


def test_a_file_that_is_locked_with_a_password_is_named_and_the_rest_is_read() -> None:
    data = bytearray(zipped({"a.txt": "Locked.", "b.txt": "Open."}))
    for sign, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # of the first member, in both places
        data[data.index(sign) + flags] |= 1
    locked, opened = read_bytes(bytes(data), "a.zip")
    assert isinstance(locked, Unreadable)
    assert locked.message == "a.zip/a.txt: it is locked with a password; unpack it and index the folder"
    assert (opened.origin, opened.content) == ("a.zip/b.txt", "Open.")


def test_archives_hold_any_format() -> None:
    inner = zipped({"c.txt": "Third."})
    data = zipped({"a.txt": "First.", "b/n.md": "Second.", "x.zip": inner, ".h.txt": "no", "p.png": "no"})
    assert [(item.origin, item.content) for item in read_bytes(data, "a.zip") if isinstance(item, Draft)] == [
        ("a.zip/a.txt", "First."),
        ("a.zip/b/n.md", "Second."),
        ("a.zip/x.zip/c.txt", "Third."),
    ]


def test_a_packed_file_is_read_as_what_it_holds() -> None:
    data = gzip.compress(b'{"text": "One."}\n{"text": "Two."}\n')
    assert list(read_bytes(data, "a.jsonl.gz")) == [Draft("a.jsonl#1", "One."), Draft("a.jsonl#2", "Two.")]


def test_archives_within_archives_end_somewhere() -> None:
    data: bytes = zipped({"a.txt": "Deep."})
    for _ in range(3):
        data = zipped({"a.zip": data})
    assert reason(data, "a.zip").endswith("it lies in more than 3 archives")


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE_BYTES", 1000)
    refused = "it unpacks to far more than an article has; it is refused"
    assert reason(gzip.compress(bytes(10**6)), "a.txt.gz") == f"a.txt: {refused}"
    assert reason(zipped({"a.txt": bytes(10**6)}), "a.zip") == f"a.zip/a.txt: {refused}"


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files.Budget.__init__, "__defaults__", (files.MOST_BYTES, 1))
    first, refused = read_bytes(zipped({"a.txt": "A", "b.txt": "B"}), "a.zip")
    assert first.origin == "a.zip/a.txt"
    assert isinstance(refused, Unreadable)
    assert refused.message == "a.zip: it holds too many files; unpack it and index the folder"


def test_broken_archives_are_named() -> None:
    assert reason(b"PK\x03\x04", "a.zip").startswith("a.zip: it is a broken ZIP file: ")
    assert reason(gzip.compress(TEXT.encode())[:-9], "a.txt.gz").startswith("a.txt: it is broken: ")


@pytest.mark.parametrize(
    ("module", "name", "data", "message"),
    [
        (pdf, "pypdf", b"%PDF-", "a: to read PDF, install the extra: pip install 'pincite[documents]'"),
        (docx_reader, "docx", word_file(), "a: to read DOCX, install the extra: pip install 'pincite[documents]'"),
        (warc, "ArchiveIterator", b"WARC/1.0", "a: to read WARC, install the extra: pip install 'pincite[archives]'"),
    ],
)
def test_a_missing_extra_says_what_to_install(
    module: object, name: str, data: bytes, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, name, None)
    assert reason(data, "a") == message


def test_standard_input_and_patterns(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXT.encode())))
    assert list(read_paths(["-"])) == [Draft("stdin", TEXT)]
    for name in ("b.txt", "a.txt", "c[1].txt"):
        (tmp_path / name).write_text("Text")
    assert [item.origin for item in read_paths([f"{tmp_path}/[ab].txt", f"{tmp_path}/c[1].txt"])] == [
        "a.txt",
        "b.txt",
        "c[1].txt",
    ]
    (missing,) = read_paths([f"{tmp_path}/*.pdf"])
    assert isinstance(missing, Unreadable)


SAMPLES = {
    ".pdf": pdf_file(TEXT),
    ".docx": word_file(),
    ".epub": book(),
    ".warc": web_archive(packed=False),
    ".warc.gz": web_archive(packed=True),
    ".xml": RSS.encode(),
    ".zip": zipped({"a.txt": TEXT, "b.json": "{}"}),
    ".gz": gzip.compress(ATOM.encode(), mtime=0),
    ".mht": b"Content-Type: multipart/related; boundary=b\n\n--b\nContent-Type: text/html\n\n<p>Text\n--b--",
    ".atom": ATOM.encode(),
    ".jsonl": b'{"text": "a"}\n[{"text": "b"}]\n{"html": "<p>c", "published": "2025-01-13"}\n',
    ".json": b'{"version": "https://jsonfeed.org/version/1.1", "items": [{"content_html": "<p>a", "authors": [{}]}]}',
    ".md": b"+++\ntitle = 'a'\ndate = 2025-01-13\n+++\n# Text\n",
    ".html": f"<!doctype html><meta charset=utf-8><script type='application/ld+json'>{{}}</script><p>{TEXT}".encode(),
}


@settings(deadline=None, max_examples=150)
@given(st.sampled_from(list(SAMPLES)), st.data())
def test_damaged_files_give_drafts_or_named_rejections(suffix: str, data: st.DataObject) -> None:
    sample = bytearray(SAMPLES[suffix])
    for place in data.draw(st.lists(st.integers(0, len(sample) - 1), max_size=8)):
        sample[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(sample)) | st.just(len(sample)))
    for item in read_bytes(bytes(sample[:cut]), f"a{suffix}", largest=10**6):
        assert item.origin.startswith("a")
        found = tried(item)
        assert isinstance(found, Article) or found.detail["reason"]


def test_nothing_of_a_damaged_archive_is_said_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    packed = web_archive(packed=False)
    length = re.search(rb"Content-Length: (\d+)", packed)
    assert length is not None
    shorter = packed.replace(length[0], b"Content-Length: 40", 1)
    assert list(read_bytes(shorter, "a.warc"))
    assert capfd.readouterr().err == ""

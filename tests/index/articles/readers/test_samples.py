"""One real file of each format, and exactly what is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from index.articles.article import Article, Break, Draft
from index.articles.clean import clean
from index.articles.readers import read_paths

EXPECTED: dict[str, list[Article | str]] = {
    "bakery.txt": [
        Article(
            id="bakery.txt",
            text=(
                "Bakery wins bread prize for the third time\n\n"
                "The bakery on Quay Lane has won the region's bread prize again. Its rye loaf\n"
                "needs three days from flour to crust, and only forty are baked each morning.\n\n"
                "What the judges said\n\n"
                "They praised the crumb and the patience. A fourth win would be a record."
            ),
            title="Bakery wins bread prize for the third time",
            language="en",
            breaks=(
                Break(0, "heading"),
                Break(44, "paragraph"),
                Break(199, "heading"),
                Break(221, "paragraph"),
            ),
            metadata={"provenance": {"title": "headline", "language": "detected"}},
        ),
    ],
    "tram.md": [
        Article(
            id="https://wexholm-weekly.example.com/2024/09/tram",
            text=(
                "Tram line 4 reaches the hospital\n\n"
                "Since Monday, line 4 has run to the hospital.\n\n"
                "First tram: 4:52\n"
                "Last tram: 0:31\n\n"
                "Wexholm Mill Street\n  "
                "-> Hospital, main gate"
            ),
            title="Tram line 4 reaches the hospital",
            source="Wexholm Weekly",
            author="Hanne Oakes; Rufus Tindle",
            published="2024-09-30",
            url="https://wexholm-weekly.example.com/2024/09/tram",
            language="en",
            tags=("trams", "Wexholm"),
            breaks=(
                Break(0, "heading"),
                Break(34, "paragraph"),
                Break(81, "paragraph"),
                Break(98, "paragraph"),
                Break(115, "paragraph"),
            ),
            metadata={
                "edition": "1984",
                "provenance": {
                    "title": "front matter",
                    "source": "front matter",
                    "author": "front matter",
                    "published": "front matter",
                    "url": "front matter",
                    "tags": "front matter",
                    "language": "front matter",
                },
            },
        ),
    ],
    "heron.mhtml": [
        Article(
            id="https://wexholm-weekly.example.com/2025/05/herons",
            text=(
                "A pair of grey herons has built a nest on the disused crane at the east quay, thirty metres above the "
                "water. The port had planned to take the crane down in June.\n\n"
                "It will now stand until the young have flown, which the bird society expects in August. “They chose "
                "well,” said the harbour master."
            ),
            title="Herons nest on the old crane",
            source="Wexholm Weekly",
            author="Hanne Oakes; Rufus Tindle",
            url="https://wexholm-weekly.example.com/2025/05/herons",
            language="en",
            breaks=(Break(0, "paragraph"), Break(163, "paragraph")),
            metadata={
                "provenance": {
                    "title": "h1",
                    "source": "meta og:site_name",
                    "author": "meta author",
                    "url": "saved page",
                    "language": "detected",
                }
            },
        ),
    ],
    "agac.html": [
        Article(
            id="https://korfez-postasi.example.org/sehir/yuz-agac",
            text=(
                "Yelkenli Belediyesi, şehir parkına yüz çınar dikti. Fidanların her birini bir ilkokul "
                "öğrencisi sahiplendi ve ağaçların yanına adları yazılı küçük levhalar kondu.\n\n"
                "Park görevlileri, ilk iki yıl boyunca fidanları haftada üç kez sulayacak. Kuruyan "
                "fidanların yerine sonbaharda yenileri dikilecek; bunun için kırk fidan yedekte bekliyor.\n\n"
                "Gölge için on yıl\n\n"
                "Uzmanlara göre çınarların gölge vermesi için en az on yıl gerekiyor. O zaman parkın "
                "sıcaklığının yaz öğlelerinde üç derece düşmesi bekleniyor."
            ),
            title="Şehir parkına yüz ağaç",
            source="Körfez Postası",
            author="Defne Arıkan",
            published="2025-03-21T10:00:00+03:00",
            url="https://korfez-postasi.example.org/sehir/yuz-agac",
            language="tr",
            breaks=(
                Break(0, "paragraph"),
                Break(164, "paragraph"),
                Break(336, "heading"),
                Break(355, "paragraph"),
            ),
            metadata={
                "provenance": {
                    "title": "h1",
                    "author": "meta author",
                    "published": "meta article:published_time",
                    "source": "meta og:site_name",
                    "url": "link canonical",
                    "language": "detected",
                }
            },
        ),
    ],
    "lighthouse.json": [
        Article(
            id="41",
            text=(
                "The lighthouse at Alder Head has a keeper again, forty years after the last one left.\n\n"
                "She will live there from May to September and show visitors the lamp."
            ),
            title="Lighthouse gets its keeper back",
            source="Aldermouth Post",
            author="Dora Pell",
            published="2025-05-05T06:00:00+00:00",
            url="https://aldermouth-post.example.org/news/lighthouse",
            language="en",
            tags=("Sea", "work"),
            breaks=(
                Break(0, "paragraph"),
                Break(87, "paragraph"),
            ),
            metadata={
                "wordcount": 31,
                "provenance": {
                    "title": "record",
                    "source": "record",
                    "author": "record",
                    "published": "record",
                    "url": "record",
                    "tags": "record",
                    "language": "record",
                },
            },
        ),
    ],
    "mixed.jsonl": [
        Article(
            id="one",
            text=("The first record is whole."),
            language="en",
            breaks=(Break(0, "paragraph"),),
            metadata={"provenance": {"language": "detected"}},
        ),
        "mixed.jsonl, record 2: tags: it must be a list of strings only",
        "mixed.jsonl, record 4: it is not JSON: Expecting value: line 2 column 1 (char 24)",
        Article(
            id="five",
            text=("The fifth line is whole again."),
            language="en",
            breaks=(Break(0, "paragraph"),),
            metadata={"mood": "good", "provenance": {"language": "detected"}},
        ),
        "mixed.jsonl, record 6: an article must be a JSON object, not an array",
    ],
    "ferries.rss": [
        Article(
            id="https://sound-and-strait.example.org/night-ferry",
            text=(
                "The night ferry to Brannholm has forty cabins since Monday, twice as many as before.\n\n"
                "20 with a window\n"
                "20 without"
            ),
            title="Night ferry doubles its cabins",
            source="Sound & Strait",
            author="Ida Quill",
            published="2025-03-04T07:15:00+01:00",
            url="https://sound-and-strait.example.org/night-ferry",
            language="en",
            tags=("Ferries", "Travel"),
            breaks=(
                Break(0, "paragraph"),
                Break(86, "paragraph"),
                Break(103, "paragraph"),
            ),
            metadata={
                "provenance": {
                    "title": "feed",
                    "source": "feed",
                    "author": "feed",
                    "published": "feed",
                    "url": "feed",
                    "tags": "feed",
                    "language": "feed",
                }
            },
            removed=("Subscribe to our newsletter to read about every sailing.",),
        ),
        Article(
            id="https://sound-and-strait.example.org/pier-closed",
            text=("The long pier is closed while divers look at its legs."),
            title="Pier closed for a week",
            source="Sound & Strait",
            url="https://sound-and-strait.example.org/pier-closed",
            language="en",
            breaks=(Break(0, "paragraph"),),
            metadata={
                "feed_date": "some day",
                "summary_only": True,
                "provenance": {"title": "feed", "source": "feed", "url": "feed", "language": "feed"},
            },
        ),
    ],
    "orchards.atom": [
        Article(
            id="https://obst.example.org/apfel",
            text=(
                "Im Tal der Alme wachsen wieder dreizehn alte Sorten, die lange niemand mehr gepflanzt "
                "hatte.\n\n"
                "Eine davon schmeckt nach Zimt."
            ),
            title="Alte Apfelsorten kehren zurück",
            source="Obst und Garten",
            author="Grete Holm; Jan Tams",
            published="2025-02-11T08:00:00+01:00",
            url="https://obst.example.org/apfel",
            language="de",
            tags=("Äpfel",),
            breaks=(
                Break(0, "paragraph"),
                Break(94, "paragraph"),
            ),
            metadata={
                "modified": "2025-02-12T09:30:00+01:00",
                "provenance": {
                    "title": "feed",
                    "source": "feed",
                    "author": "feed",
                    "published": "feed",
                    "url": "feed",
                    "tags": "feed",
                    "language": "feed",
                    "modified": "feed",
                },
            },
        ),
    ],
    "sitemap.xml": [
        "sitemap.xml: it is a sitemap: it lists pages, but holds none of them; give its URL and the pages are fetched",
    ],
    "tides.pdf": [
        Article(
            id="tides.pdf",
            text=(
                "The tide mill of Port Ellery has turned again since Saturday, after eleven years in\n"
                "which its wheel stood still. A café has opened beside it.\n\n"
                "On the second day the miller ground two sacks of oats. He sold them before noon."
            ),
            title="The tide mill turns again",
            author="Nell Varden",
            language="en",
            breaks=(
                Break(0, "paragraph"),
                Break(143, "page"),
                Break(143, "paragraph"),
            ),
            metadata={
                "provenance": {"title": "document properties", "author": "document properties", "language": "detected"}
            },
        ),
    ],
    "minutes.docx": [
        Article(
            id="minutes.docx",
            text=(
                "What was decided\n\n"
                "The committee will ask two more engineers before it spends anything on the old bridge.\n\n"
                "Engineer\tFee\n"
                "Orla Finn\t4,000\n\n"
                "The next meeting is on the first Monday of March."
            ),
            title="Minutes of the bridge committee",
            author="Ada Berg",
            language="en",
            breaks=(
                Break(0, "heading"),
                Break(18, "paragraph"),
                Break(106, "paragraph"),
                Break(136, "paragraph"),
            ),
            metadata={
                "created": "2025-01-20T09:00:00+00:00",
                "modified": "2025-01-21T10:30:00+00:00",
                "provenance": {
                    "title": "document properties",
                    "author": "document properties",
                    "language": "detected",
                    "modified": "document properties",
                },
            },
        ),
    ],
    "islands.epub": [
        Article(
            id="islands.epub#1",
            text=("The first island\n\nNobody has lived on the first island since the well turned salt."),
            title="The first island",
            source="Seven Small Islands",
            author="Mara Eide",
            language="en",
            breaks=(
                Break(0, "heading"),
                Break(18, "paragraph"),
            ),
            metadata={
                "provenance": {"title": "headline", "source": "package", "author": "package", "language": "package"}
            },
        ),
        Article(
            id="islands.epub#2",
            text=("The second island\n\nOn the second island there are more goats than people, and the goats know it."),
            title="The second island",
            source="Seven Small Islands",
            author="Mara Eide",
            language="en",
            breaks=(
                Break(0, "heading"),
                Break(19, "paragraph"),
            ),
            metadata={
                "provenance": {"title": "headline", "source": "package", "author": "package", "language": "package"}
            },
        ),
    ],
    "crawl.warc.gz": [
        Article(
            id="https://courrier-des-cotes.example.org/phares",
            text=(
                "Trois phares de la côte ne seront plus allumés à partir de novembre, faute de navires qui "
                "en aient besoin pour trouver leur chemin.\n\n"
                "Les gardiens ont remis leurs clés mardi. L'un d'eux avait vécu vingt-six ans dans la tour, "
                "et il dit qu'il dormira mal sans la lumière.\n\n"
                "La commune cherche maintenant quelqu'un qui veuille transformer le plus haut des trois en "
                "auberge pour les marcheurs du sentier côtier."
            ),
            title="Les phares s'éteignent",
            source="Le Courrier des Côtes",
            author="Hélène Roche",
            published="2024-10-01T06:00:00+02:00",
            url="https://courrier-des-cotes.example.org/phares",
            language="fr",
            breaks=(
                Break(0, "paragraph"),
                Break(133, "paragraph"),
                Break(270, "paragraph"),
            ),
            metadata={
                "modified": "2024-10-02",
                "sections": ["Littoral"],
                "fetched": "2024-10-03T12:00:00Z",
                "provenance": {
                    "title": "h1",
                    "author": "json-ld",
                    "published": "json-ld",
                    "modified": "json-ld",
                    "source": "meta og:site_name",
                    "sections": "json-ld",
                    "url": "archive record",
                    "language": "detected",
                },
            },
            removed=("Partager sur Facebook",),
        ),
    ],
    "bundle.zip": [
        Article(
            id="bundle.zip/letters/goose.txt",
            text=("A goose on the runway\n\nFlights waited for nine minutes until the goose had crossed."),
            title="A goose on the runway",
            language="en",
            breaks=(
                Break(0, "heading"),
                Break(23, "paragraph"),
            ),
            metadata={"provenance": {"title": "headline", "language": "detected"}},
        ),
        "bundle.zip/../outside.txt: its name leads out of the archive; it is not read",
    ],
    "quarry.txt.gz": [
        Article(
            id="quarry.txt",
            text=(
                "Quarry becomes a lake\n\n"
                "By Tove Brandt\n"
                "13 January 2025\n\n"
                "The pumps were switched off on Friday, and the water has risen by a hand's breadth every "
                "day since."
            ),
            title="Quarry becomes a lake",
            author="Tove Brandt",
            published="2025-01-13",
            language="en",
            breaks=(
                Break(0, "heading"),
                Break(23, "paragraph"),
                Break(55, "paragraph"),
            ),
            metadata={
                "provenance": {"title": "headline", "author": "byline", "published": "byline", "language": "detected"}
            },
        ),
    ],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_of_each_format(data: Path, name: str) -> None:
    found = [clean(item) if isinstance(item, Draft) else item.message for item in read_paths([data / name])]
    assert found == EXPECTED[name]

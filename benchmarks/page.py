"""Looks at the page of a real server over seeds/: `make screenshots` takes pictures, `make bench-page` measures.

Usage: python benchmarks/page.py pictures|figures
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any
from urllib.parse import quote

import httpx
from playwright.sync_api import Browser, Page

from benchmarks.browser import chromium

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
LARGEST_BYTES = 200_000
PORT = 8471
ASKED = f"/?q={quote('Why is Ukraine not ready for peace talks?')}"
VISITS = 15
WIDE, NARROW = {"width": 1280, "height": 860}, {"width": 360, "height": 740}

FIRST_PAINT = """() => new Promise(resolve => new PerformanceObserver((list, watching) => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (paint) { watching.disconnect(); resolve(paint.startTime); }
}).observe({ type: "paint", buffered: true }))"""


@contextmanager
def served() -> Iterator[str]:
    """The address of a real server over a new library of seeds/."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"PINCITE_LIBRARY": f"{folder}/library", "PINCITE_PORT": str(PORT)}
        command = [str(Path(sys.executable).with_name("pincite")), "serve", "--first-index", str(ROOT / "seeds")]
        with Path(folder, "log").open("wb") as log:
            server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            address = f"http://127.0.0.1:{PORT}"
            _wait(f"{address}/readyz", server)
            yield address
        finally:
            server.terminate()
            server.wait()


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if server.poll() is not None:
            sys.exit("the server ended by itself; is something else on its port?")
        try:
            if httpx.get(address).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    sys.exit("the server was not ready within two minutes")


def pictures(address: str, browser: Browser) -> None:
    """Light, dark, narrow, and an article."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name, options, read in [
        ("search-light", {"viewport": WIDE}, False),
        ("search-dark", {"viewport": WIDE, "color_scheme": "dark"}, False),
        ("search-narrow", {"viewport": NARROW}, False),
        ("article", {"viewport": WIDE}, True),
        ("library", {"viewport": WIDE}, False),
    ]:
        page = _opened(browser, address + ("/library" if name == "library" else ASKED), options)
        if read:
            page.locator("a[data-hit]").first.click()
            page.locator("#cited").wait_for()
            page.wait_for_timeout(300)
        file = IMAGES / f"{name}.png"
        page.screenshot(path=file)
        page.context.close()
        print(f"{file.relative_to(ROOT)}: {file.stat().st_size:,} bytes")
        if file.stat().st_size > LARGEST_BYTES:
            sys.exit(f"{file} is larger than {LARGEST_BYTES:,} bytes")


def _opened(browser: Browser, address: str, options: dict[str, Any]) -> Page:
    page = browser.new_context(**options).new_page()
    page.goto(address, wait_until="networkidle")
    return page


def figures(address: str, browser: Browser) -> None:
    """First contentful paint with nothing in the browser's cache, and what is sent."""
    for name, path in [
        ("plain text, to compare", "/healthz"),
        ("home", "/"),
        ("answers", ASKED),
        ("article", _article(address)),
        ("library", "/library"),
    ]:
        paints = [_first_paint(browser, address + path) for _ in range(VISITS)]
        print(
            f"first contentful paint, {name}: median {median(paints):.0f} ms, slowest of {VISITS} {max(paints):.0f} ms"
        )
    sizes = _sizes(browser, address + ASKED)
    total = sum(size for name, size in sizes.items() if name.endswith((".js", ".css")))
    print(f"script and style: {total:,} bytes ({', '.join(f'{name} {size:,}' for name, size in sizes.items())})")


def _article(address: str) -> str:
    hit = httpx.get(f"{address}/v1/search", params={"q": "Ukraine", "limit": 1}).json()["hits"][0]
    return f"/articles/{quote(hit['citation']['article_id'], safe='')}?cite={hit['citation']['id']}"


def _first_paint(browser: Browser, address: str) -> float:
    context = browser.new_context(viewport=WIDE)
    page = context.new_page()
    page.goto(address)
    paint: float = page.evaluate(FIRST_PAINT)
    context.close()
    return paint


def _sizes(browser: Browser, address: str) -> dict[str, int]:
    context = browser.new_context()
    page = context.new_page()
    sizes: dict[str, int] = {}
    page.on(
        "response", lambda reply: sizes.update({reply.url.split("?")[0].rsplit("/", 1)[1] or "page": len(reply.body())})
    )
    page.goto(address, wait_until="networkidle")
    context.close()
    return sizes


if __name__ == "__main__":
    wanted = {"pictures": pictures, "figures": figures}.get("".join(sys.argv[1:]))
    if wanted is None:
        sys.exit(__doc__)
    with served() as address, chromium() as browser:
        wanted(address, browser)

"""Many clients at once: a real `pincite serve` on loopback, asked over HTTP by 1 to 32 clients that never pause.

Measured: answers a second and how long one takes, without and with reading again (rerank), from one server and from two
over the same library; and how long a question that needs no reading waits while others are read for, and while articles
are stored and embedded. The clients share the
machine with the server; they send bytes that are ready and read no JSON, so that they take little of it. Writes
``results/clients.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import httpx

from api.cli.commands.evaluate import machine
from api.client import Pincite
from search.evaluation.dataset import evenly, read_dataset

ROOT = Path(__file__).resolve().parents[1]
ARTICLES = ROOT.parent / "shared/data/rtqa_2022"
RESULTS = ROOT / "benchmarks/results"
CACHE = Path("~/.cache/pincite/bench-clients").expanduser()
CLIENTS = (1, 2, 4, 8, 16, 32)
MOST_ARTICLES = 40
MORE_ARTICLES = 160
"""Stored while questions are asked; their passages take a minute to embed."""


@dataclass(frozen=True, slots=True)
class Load:
    """What one kind of clients saw. Times are milliseconds of answers with status 200, `refused` counts the others."""

    clients: int
    rerank: bool
    answers: int
    refused: int
    per_second: float
    median_ms: float
    p95_ms: float
    most_ms: float


class Client:
    """Asks one question after the other on one connection."""

    def __init__(self, port: int, questions: Sequence[bytes], first: int) -> None:
        self._port, self._questions, self._next = port, questions, count(first)
        self.times: list[float] = []
        self.refused = 0

    async def ask(self, until: float, counted_from: float) -> None:
        """Ask until this time, counting from that one."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        try:
            while (began := time.perf_counter()) < until:
                writer.write(self._questions[next(self._next) % len(self._questions)])
                status, wait = await _reply(reader)
                if status == 200 and began >= counted_from:
                    self.times.append(1000 * (time.perf_counter() - began))
                elif status != 200:
                    self.refused += 1
                    await asyncio.sleep(wait)
        finally:
            writer.close()


async def _reply(reader: asyncio.StreamReader) -> tuple[int, float]:
    """The status, and the seconds that a refusal asks to wait for."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if line)
    await reader.readexactly(int(headers["content-length"]))
    return int(head.split()[1]), float(headers.get("retry-after", 0))


def requests(questions: Sequence[str], *, rerank: bool) -> list[bytes]:
    """The bytes of one request a question."""
    bodies = [json.dumps({"query": one, "rerank": rerank, "operators": False}).encode() for one in questions]
    head = "POST /v1/search HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n"
    return [head.format(len(body)).encode() + body for body in bodies]


def under_load(port: int, groups: Sequence[tuple[int, bool]], questions: Sequence[str], seconds: float) -> list[Load]:
    """What each group of clients (how many, whether to read again) sees while all of them ask."""
    made = [
        [Client(port, requests(questions, rerank=rerank), 7 * number) for number in range(clients)]
        for clients, rerank in groups
    ]
    asyncio.run(_all_asking([client for group in made for client in group], seconds))
    return [_load(group, rerank, seconds) for group, (_, rerank) in zip(made, groups, strict=True)]


def _load(clients: Sequence[Client], rerank: bool, seconds: float) -> Load:
    times = sorted(time for client in clients for time in client.times)
    refused = sum(client.refused for client in clients)
    if not times:
        return Load(len(clients), rerank, 0, refused, 0, 0, 0, 0)
    p95 = quantiles(times, n=20)[-1] if len(times) > 1 else times[0]
    rate = len(times) / seconds
    return Load(
        len(clients), rerank, len(times), refused, *(round(x, 1) for x in (rate, median(times), p95, times[-1]))
    )


def beside_each_other(ports: Sequence[int], clients: int, questions: Sequence[str], seconds: float) -> Load:
    """What clients see that ask several servers in turns."""
    asked = requests(questions, rerank=False)
    made = [Client(ports[number % len(ports)], asked, 7 * number) for number in range(clients)]
    asyncio.run(_all_asking(made, seconds))
    return _load(made, rerank=False, seconds=seconds)


async def _all_asking(clients: Sequence[Client], seconds: float) -> None:
    counted_from = time.perf_counter() + seconds / 5
    until = counted_from + seconds
    await asyncio.gather(*(client.ask(until, counted_from) for client in clients))


def processor_seconds(processes: Sequence[int]) -> float:
    """What these processes have used of all cores so far."""
    total = 0
    for process in processes:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
        total += int(fields[11]) + int(fields[12])  # user and system, in ticks
    return total / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(name: str) -> Iterator[tuple[int, int]]:
    """A running `pincite serve` over the library of this benchmark: its port and its process; `name` is its log's."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    with server(CACHE / "library", port, CACHE / f"{name}.log") as process:
        yield port, process


@contextmanager
def server(library: Path, port: int, log: Path) -> Iterator[int]:
    """A running `pincite serve`: its process."""
    command = [sys.executable, "-m", "api.cli", "--library", str(library), "serve", "--port", str(port)]
    environment = os.environ | {"PINCITE_SERVER": "", "PINCITE_COLLECTION": "", "PYTHONPATH": str(ROOT)}
    with log.open("w") as lines, subprocess.Popen(command, env=environment, stdout=lines, stderr=lines) as process:
        try:
            _wait(port, process)
            yield process.pid
        finally:
            process.terminate()


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
        for _ in range(1200):
            if process.poll() is not None:
                raise SystemExit("the server did not start; its log says why")
            try:
                if http.get("/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
    raise SystemExit("the server did not become ready")


def fill(port: int) -> list[str]:
    """Questions, once the articles that answer them are stored; the sample articles and their titles without the
    evaluation data."""
    with Pincite(f"http://127.0.0.1:{port}") as pincite:
        if ARTICLES.exists():
            dataset = read_dataset(ARTICLES)
            if not pincite.status().articles:
                records = [{"id": one.id, "text": one.content} for one in islice(dataset.drafts(), MOST_ARTICLES)]  # type: ignore[union-attr]
                for start in range(0, len(records), 20):
                    pincite.add(records[start : start + 20])
                    print(f"stored {min(start + 20, len(records))} of {len(records)} articles", file=sys.stderr)
            return [question.text for question in evenly(dataset.questions, 200)]
        pincite.upload(*sorted((ROOT / "seeds").rglob("*.*")))
        return [card.title or card.id for card in pincite.articles()]


def while_storing(port: int, questions: Sequence[str], seconds: float) -> dict[str, Any]:
    """What one client that asks without rerank sees when nothing else happens, and while a bulk load is stored and
    embedded. What was stored is deleted afterwards."""
    dataset = read_dataset(ARTICLES)
    records = [
        {"id": f"more/{one.id}", "text": one.content}
        for one in islice(dataset.drafts(), MOST_ARTICLES, MOST_ARTICLES + MORE_ARTICLES)
    ]
    idle = under_load(port, [(1, False)], questions, seconds)[0]
    with Pincite(f"http://127.0.0.1:{port}") as pincite:
        loading = threading.Thread(target=pincite.add, args=(records,))
        loading.start()
        loaded = under_load(port, [(1, False)], questions, 2 * seconds)[0]
        loading.join()
        waiting = pincite.status().passages_without_vectors
        if not waiting:
            raise SystemExit("every passage had its vector before the time was over: store more articles")
        pincite.delete(*(record["id"] for record in records))
    return {"articles": len(records), "waiting": waiting, "idle": asdict(idle), "loaded": asdict(loaded)}


def several_servers(port: int, process: int, questions: Sequence[str], seconds: float) -> list[dict[str, Any]]:
    """Answers a second without rerank from the server at this port, and from that one and another over its library; and
    how many cores they keep busy."""
    with serving("another") as (second, other):
        under_load(second, [(4, True)], questions, seconds)
        rows = []
        for ports in ([port], [port, second]):
            for clients in CLIENTS:
                before, began = processor_seconds([process, other]), time.perf_counter()
                load = beside_each_other(ports, clients, questions, seconds)
                busy = (processor_seconds([process, other]) - before) / (time.perf_counter() - began)
                rows.append({"servers": len(ports), **asdict(load), "cores": round(busy, 2)})
                print(rows[-1], file=sys.stderr)
    return rows


def page(found: dict[str, Any]) -> str:
    """The figures as Markdown."""
    lines = [
        "# Many clients at once",
        "",
        f"{found['machine']}, {found['measured']}; {found['articles']} articles, {found['passages']} passages; "
        f"`make bench-clients`. The clients share the cores with the server.",
        "",
        "| clients | rerank | answers/s | x one client | median ms | p95 ms | longest ms | refused |",
        "|---:|---|---:|---:|---:|---:|---:|---:|",
    ]
    for rerank in (False, True):
        rows = [row for row in found["throughput"] if row["rerank"] is rerank]
        for row in rows:
            ratio = row["per_second"] / rows[0]["per_second"]
            lines.append(_row(row, f"{ratio:.1f}"))
    lines += [
        "",
        "Without rerank, from one server and from two over the same library, with the cores that they keep busy:",
        "",
        "| servers | clients | answers/s | x one client | median ms | p95 ms | refused | cores |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found["servers"]:
        ratio = f"{row['per_second'] / found['servers'][0]['per_second']:.1f}"
        cells = (row["servers"], row["clients"], row["per_second"], ratio, row["median_ms"], row["p95_ms"])
        lines.append(f"| {' | '.join(map(str, cells))} | {row['refused']} | {row['cores']} |")
    lines += [
        "",
        "One client that asks without rerank, beside so many with:",
        "",
        "| others | answers/s | median ms | p95 ms | longest ms | refused |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for row in found["beside"]:
        cells = (row["others"], row["per_second"], row["median_ms"], row["p95_ms"], row["most_ms"], row["refused"])
        lines.append(f"| {' | '.join(map(str, cells))} |")
    if storing := found["storing"]:
        lines += [
            "",
            f"One client that asks without rerank, alone, and while {storing['articles']} articles are stored and "
            f"embedded ({storing['waiting']} passages were still to be embedded at the end):",
            "",
            "| | answers/s | median ms | p95 ms | longest ms | p95, x alone |",
            "|---|---:|---:|---:|---:|---:|",
        ]
        for name, row in (("alone", storing["idle"]), ("while storing", storing["loaded"])):
            ratio = round(row["p95_ms"] / storing["idle"]["p95_ms"], 2)
            cells = (name, row["per_second"], row["median_ms"], row["p95_ms"], row["most_ms"], ratio)
            lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, ""])


def _row(row: dict[str, Any], ratio: str) -> str:
    asked = "with" if row["rerank"] else "without"
    cells = (row["clients"], asked, row["per_second"], ratio, row["median_ms"], row["p95_ms"], row["most_ms"])
    return f"| {' | '.join(map(str, cells))} | {row['refused']} |"


def measure(port: int, process: int, seconds: float) -> dict[str, Any]:
    """All figures."""
    questions = fill(port)
    under_load(port, [(4, True)], questions, seconds)  # both models have seen all lengths once
    throughput = []
    for rerank in (False, True):
        for clients in CLIENTS:
            throughput += under_load(port, [(clients, rerank)], questions, seconds)
            print(throughput[-1], file=sys.stderr)
    beside = []
    for others in (0, 1, 3, 7, 31):
        alone = under_load(port, [(1, False), (others, True)], questions, seconds)[0]
        beside.append({"others": others, **asdict(alone)})
        print(beside[-1], file=sys.stderr)
    with Pincite(f"http://127.0.0.1:{port}") as pincite:
        state = pincite.status()
    several = several_servers(port, process, questions, seconds)
    storing = while_storing(port, questions, seconds) if ARTICLES.exists() else None
    return {
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        "articles": state.articles,
        "passages": state.passages,
        "seconds_each": seconds,
        "throughput": [asdict(load) for load in throughput],
        "servers": several,
        "beside": beside,
        "storing": storing,
    }


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=8, help="how long each figure is measured")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where the figures go")
    arguments = parser.parse_args()
    CACHE.mkdir(parents=True, exist_ok=True)
    with serving("server") as (port, process):
        found = measure(port, process, arguments.seconds)
    arguments.out.mkdir(parents=True, exist_ok=True)
    (arguments.out / "clients.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    (arguments.out / "clients.md").write_text(page(found), encoding="utf-8")


if __name__ == "__main__":
    main()

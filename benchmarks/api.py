"""The API under fifty people at once, signing in, and the check of an access token."""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Sequence

import orjson
import psutil

from app.accounts import service
from app.accounts.service import user_of_access_token
from app.config import get_settings
from app.database import get_database
from benchmarks.crowd import ALL, PASSWORD, PEOPLE, Member, seed
from benchmarks.result import Row, against, median, percentile
from benchmarks.server import Connection, running_server
from benchmarks.stack import temporary_home

THINK_SECONDS = 1.0  # between a person's requests, on average (exponentially distributed)
API_LIMIT_MS, SIGN_IN_LIMIT_MS, TOKEN_LIMIT_MS = 50.0, 300.0, 5.0
_SIGN_INS_AT_ONCE = 5
_PROBE_SECONDS = 0.02
_SEARCHES = ("wawa", "example road", "%23512", "2861", "lakeside circle")
Times = dict[str, list[float]]


def _paths(rng: random.Random, member: Member) -> list[tuple[str, str]]:
    """One request of each kind, in random order."""
    kinds = [
        ("week", "/api/week"),
        ("list", "/api/work-orders?limit=25"),
        ("search", f"/api/work-orders?search={rng.choice(_SEARCHES).replace(' ', '%20')}"),
        ("work-order", f"/api/work-orders/{rng.choice(member.work_ids)}"),
        ("sync-status", "/api/sync-status"),
    ]
    rng.shuffle(kinds)
    return kinds


async def _person(url: str, member: Member, number: int, seconds: float, think: float, times: Times) -> None:
    rng = random.Random(number)
    connection = await Connection.open(url)
    deadline = time.monotonic() + seconds
    try:
        while True:
            for kind, path in _paths(rng, member):
                if think:
                    await asyncio.sleep(rng.expovariate(1 / think))
                if time.monotonic() >= deadline:
                    return
                took, status, body = await connection.ask(path, token=member.token)
                if status != 200:
                    raise RuntimeError(f"{path} answered {status}: {body[:300]!r}")
                times[kind].append(took * 1000)
    finally:
        await connection.close()


async def _crowd(url: str, members: Sequence[Member], seconds: float, think: float) -> tuple[Times, list[float]]:
    """The milliseconds of every request by its kind; and by how many this client itself was late meanwhile."""
    times: Times = defaultdict(list)
    late: list[float] = []
    watch = asyncio.create_task(_lateness(late))
    people = (_person(url, member, number, seconds, think, times) for number, member in enumerate(members))
    await asyncio.gather(*people)
    watch.cancel()
    await asyncio.gather(watch, return_exceptions=True)
    return times, late


async def _lateness(late: list[float]) -> None:
    """How much later than asked for this process is woken: what other work on the machine costs, whoever serves."""
    while True:
        started = time.perf_counter()
        await asyncio.sleep(_PROBE_SECONDS)
        late.append((time.perf_counter() - started - _PROBE_SECONDS) * 1000)


def _cpu_seconds() -> float:
    """What the server has computed so far."""
    record = orjson.loads((get_settings().home / "server.json").read_bytes())
    used = psutil.Process(record["pid"]).cpu_times()
    return float(used.user + used.system)


def _flat(times: Times) -> list[float]:
    return [value for kind in times.values() for value in kind]


def _api_row(name: str, url: str, members: Sequence[Member], seconds: float, who: str, *, aim: bool = False) -> Row:
    asyncio.run(_crowd(url, members[:10], 1.0, 0.0))  # what is made at the first request is made
    before = _cpu_seconds()
    times, late = asyncio.run(_crowd(url, members, seconds, THINK_SECONDS))
    every, cpu = _flat(times), _cpu_seconds() - before
    busy = _flat(asyncio.run(_crowd(url, members, seconds / 3, 0.0))[0])
    each = ", ".join(f"{kind} {percentile(values, 0.95):.0f}" for kind, values in sorted(times.items()))
    note = (
        f"{who}; {len(every)} requests, one per person every {THINK_SECONDS:g} s on average; p95 of {each}; median "
        f"{median(every):.0f}; server computes {cpu / len(every) * 1000:.1f} ms each; noise: this client was woken "
        f"{percentile(late, 0.95):.0f} ms late at p95; without think time {len(busy) / (seconds / 3):.0f}/s"
    )
    return against(name, percentile(every, 0.95), API_LIMIT_MS, "ms", note=note, aim=aim)


def api_p95(quick: bool) -> list[Row]:
    """Week, list, search, work order and sync status, for fifty people at once."""
    seconds = 6.0 if quick else 15.0
    with running_server() as url:
        crowd, alone = seed()
        return [
            _api_row("api-p95", url, crowd, seconds, f"{PEOPLE} users who have {ALL} work orders together"),
            _api_row("api-p95-one-account", url, alone, seconds, f"{PEOPLE} sessions of one user of {ALL}", aim=True),
        ]


async def _sign_ins(url: str, rounds: int) -> list[float]:
    async def person(number: int) -> list[float]:
        connection = await Connection.open(url)
        body = orjson.dumps({"email": f"tech{number}@example.com", "password": PASSWORD})
        times = []
        try:
            for _ in range(rounds):
                took, status, answer = await connection.ask("/api/auth/sign-in", body=body)
                if status != 200:
                    raise RuntimeError(f"signing in answered {status}: {answer[:300]!r}")
                times.append(took * 1000)
        finally:
            await connection.close()
        return times

    return [took for times in await asyncio.gather(*map(person, range(_SIGN_INS_AT_ONCE))) for took in times]


def sign_in_p95(quick: bool) -> list[Row]:
    """Five people who sign in at the same time, again and again."""
    with running_server() as url:
        with get_database().write() as db:
            for number in range(_SIGN_INS_AT_ONCE):
                service.add_user(db, f"tech{number}@example.com", PASSWORD)
        asyncio.run(_sign_ins(url, 1))
        times = asyncio.run(_sign_ins(url, 6 if quick else 20))
    note = f"{len(times)} sign-ins, {_SIGN_INS_AT_ONCE} at once without think time"
    return [against("sign-in-p95", percentile(times, 0.95), SIGN_IN_LIMIT_MS, "ms", note=note)]


def token_check(quick: bool) -> list[Row]:
    """Reading an access token and looking its session up, in process."""
    rounds = 200 if quick else 1000
    with temporary_home():
        with get_database().write() as db:
            token = service.open_session(db, service.add_user(db, "tech@example.com", PASSWORD)).access_token
        for warm in (True, False):
            started = time.perf_counter()
            for _ in range(10 if warm else rounds):
                with get_database().read() as db:
                    user_of_access_token(db, token)
            mean = (time.perf_counter() - started) / rounds * 1000
    return [against("token-check", mean, TOKEN_LIMIT_MS, "ms", note=f"mean of {rounds}, a fresh database session each")]

"""The outbox under crashes at any point, withdrawals in the middle of a round, and a second process beside the first.

What must hold, whatever happens: each message reaches each recipient at least once; a way that has delivered is used again
only after a crash between sending and recording; once a matter is withdrawn no new attempt of it begins. A failure names its seed; ``Story(database, seed).play()`` plays it.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session as Db

from app.database import Database, get_operations_database
from app.kit.clock import VirtualClock
from app.notifications import outbox, service
from app.notifications.channels.interface import ChannelFailed, Sent
from app.notifications.message import Channel, Message, Recipient, Urgency
from app.notifications.models import ChannelSetup, OutboxMessage
from app.notifications.schemas import MessageState
from app.notifications.sending import Channels

START = datetime(2026, 3, 2, 10, tzinfo=UTC)
PEOPLE = (
    Recipient("All ways", "all@example.com", "a" * 30, desktop=True),
    Recipient("Mail only", "mail@example.com"),
    Recipient("Telephone", None, "t" * 30),
    Recipient("Nothing"),
)
WAYS = (Channel.email, Channel.pushover, Channel.desktop)
MATTERS = ("alert:1", "alert:2")
Way = tuple[str, Channel]


class Crash(BaseException):
    """The process ends here. Not an Exception: nothing may catch it."""


class Process:
    """A process that may die: before or after a commit, before or after a message has gone out."""

    def __init__(self, real: Database) -> None:
        self.real = real
        self.points_left: int | None = None
        self.dead = False
        self.unrecorded: Way | None = None  # has gone out, and nobody knows it yet
        self.lost: Counter[Way] = Counter()

    def point(self) -> None:
        if not self.dead and self.points_left is not None:
            self.dead = self.points_left == 0
            self.points_left -= 1
            if self.dead and self.unrecorded is not None:
                self.lost[self.unrecorded] += 1
        if self.dead:
            raise Crash

    def read(self) -> Any:
        return self.real.read()

    @contextmanager
    def write(self) -> Iterator[Db]:
        with self.real.write() as db:
            yield db
            self.point()
        self.unrecorded = None
        self.point()

    def restart(self) -> None:
        self.points_left, self.dead, self.unrecorded = None, False, None


class Story:
    """What people, networks and processes do, decided by a seed; and what has really gone out."""

    def __init__(self, database: Database, seed: int) -> None:
        self.database, self.rng = database, random.Random(seed)
        self.process = Process(database)
        self.clock = VirtualClock(START)
        self.broken: dict[Channel, bool] = {}
        self.gone_out: Counter[Way] = Counter()
        self.withdrawn: set[str] = set()
        self.happening: Callable[[Message], None] | None = None  # at the next attempt
        self.wrong: list[str] = []  # noted, because an exception would be taken for a channel's failure

    def play(self) -> None:
        with self.database.write() as db:
            db.execute(delete(OutboxMessage))
            db.execute(delete(ChannelSetup))
        acts = [self.ask, self.drain, self.drain_and_die, self.let_time_pass, self.break_channel, self.repair]
        with self.clock, pytest.MonkeyPatch.context() as patch:
            for module in (outbox, service):
                patch.setattr(module, "get_operations_database", lambda: self.process)
            self.ask()
            for _ in range(self.rng.randint(5, 20)):
                self.rng.choices([*acts, self.withdraw], weights=[2, 4, 8, 4, 2, 1, 1])[0]()
            self.check_the_end()

    # --- the world ---

    def send(self, channel: Channel, message: Message, recipient: Recipient, channels: Channels) -> Sent:
        self.process.point()
        if message.id in self.withdrawn:
            self.wrong.append("an attempt began after the end")
        if channel is Channel.log:
            return Sent()
        happening, self.happening = self.happening, None
        if happening is not None:
            happening(message)
        if channel in self.broken:
            raise ChannelFailed("It does not work.", permanent=self.broken[channel])
        self.gone_out[message.id, channel] += 1
        self.process.unrecorded = (message.id, channel)
        self.process.point()
        return Sent()

    def _withdraw(self, about: str) -> None:
        with self.database.write() as db:
            service.withdraw(db, about, self.clock.at)
            self.withdrawn |= set(db.scalars(select(OutboxMessage.id).where(OutboxMessage.about == about)))

    def _second_process(self, taken: Message) -> None:
        """Another process drains while this one is in the middle of a message: it must leave that one alone."""

        def send(channel: Channel, message: Message, recipient: Recipient, channels: Channels) -> Sent:
            if message.id == taken.id:
                self.wrong.append("two processes work on one message")
            if channel is not Channel.log:
                self.gone_out[message.id, channel] += 1
            return Sent()

        mine, self.process = self.process, Process(self.database)
        if outbox.take(taken.id, self.clock.at) is not None:  # it had seen the message before it was taken
            self.wrong.append("two processes took one message")
        service.drain(self.clock.at, send=send, workers=1)
        self.process = mine

    # --- what happens ---

    def ask(self) -> None:
        people = self.rng.sample(PEOPLE, self.rng.randint(0, len(PEOPLE)))
        fields: dict[str, Any] = {
            "dedup_key": self.rng.choice(["first", "second", "third"]),
            "urgency": self.rng.choice(list(Urgency)),
            "about": self.rng.choice(MATTERS),
        }
        with self.database.write() as db:
            first = service.enqueue(db, subject="s", body="b", recipients=people, **fields)
            again = service.enqueue(db, subject="s", body="b", recipients=people, **fields)
        assert first == again
        assert len(first) == len(people)

    def let_time_pass(self) -> None:
        self.clock.advance(seconds=self.rng.choice([1, 20, 100, 300]))

    def break_channel(self) -> None:
        self.broken[self.rng.choice(WAYS)] = self.rng.random() < 0.5

    def repair(self) -> None:
        self.broken.clear()
        with self.database.write() as db:
            db.merge(ChannelSetup(id=1, changed_at=self.clock.at + timedelta(microseconds=1), changed_by="test"))

    def withdraw(self) -> None:
        self._withdraw(self.rng.choice(MATTERS))

    def drain(self) -> None:
        self._choose_what_happens()
        service.drain(self.clock.at, send=self.send, workers=1)

    def drain_and_die(self) -> None:
        self._choose_what_happens()
        self.process.points_left = self.rng.randint(0, 14)
        with suppress(Crash):
            service.drain(self.clock.at, send=self.send, workers=1)
        self.process.restart()

    def _choose_what_happens(self) -> None:
        withdraw = lambda message: self._withdraw(message.about)  # noqa: E731
        self.happening = self.rng.choice([*[None] * 4, withdraw, self._second_process])

    # --- what holds ---

    def check_the_end(self) -> None:
        self.repair()
        for _ in range(4):  # longer than any pause
            self.clock.advance(minutes=61)
            service.drain(self.clock.at, send=self.send, workers=1)
        with self.database.read() as db:
            messages = list(db.scalars(select(OutboxMessage)))
        for message in messages:
            reached = any(message.id == id_ for id_, _ in self.gone_out)
            if message.state == MessageState.withdrawn.value:
                assert message.id in self.withdrawn
            elif message.recipient_name == "Nothing":
                assert not reached and message.state in (MessageState.due.value, MessageState.failed.value)
            else:
                assert reached and message.state == MessageState.sent.value
            over = message.state != MessageState.due.value
            assert over == (message.next_try_at is None) == (message.finished_at is not None)
            assert not over or (message.email_sealed, message.pushover_sealed) == (None, None)
        assert self.wrong == []
        twice = {way: count for way, count in self.gone_out.items() if count > 1 + self.process.lost[way]}
        assert not twice, "sent again without a crash between sending and recording"


@pytest.fixture
def database(sqlite: Database) -> Database:
    """Nothing here has to survive a power cut."""

    def no_sync(connection: Any, _: Any) -> None:
        connection.execute("PRAGMA synchronous = OFF")

    found = get_operations_database()
    event.listen(found.engine, "connect", no_sync)
    found.engine.dispose()
    return found


def _play(database: Database, seeds: range) -> Counter[str]:
    """What the stories contained."""
    seen: Counter[str] = Counter()
    for seed in seeds:
        story = Story(database, seed)
        try:
            story.play()
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
        seen["out"] += sum(story.gone_out.values())
        seen["lost"] += sum(story.process.lost.values())
        seen["twice"] += sum(count > 1 for count in story.gone_out.values())
        seen["withdrawn"] += len(story.withdrawn)
    return seen


def test_whatever_happens_messages_arrive_and_not_twice(database: Database) -> None:
    seen = _play(database, range(150))
    assert min(seen["out"], seen["lost"], seen["twice"], seen["withdrawn"]) > 5, seen


@pytest.mark.nightly
def test_whatever_happens_in_very_many_stories(database: Database) -> None:
    _play(database, range(10_000, 13_000))

"""An engine to run jobs on, and how a job is followed."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.activity.queue import let_finish
from app.activity.schemas import Event
from app.activity.service import follow_job
from app.commands.output import err
from app.workflows import EngineElsewhere, running_engine

_CLOSING_SECONDS = 20


@contextmanager
def engine() -> Iterator[None]:
    """An engine that works on what is enqueued meanwhile: the server's when it runs, else one of our own for this time."""
    ready: Future[None] = Future()
    loop = asyncio.new_event_loop()
    done = asyncio.Event()
    finished = False

    async def serve() -> None:
        try:
            async with running_engine():
                ready.set_result(None)
                await done.wait()
                if finished:
                    await let_finish(_CLOSING_SECONDS)
        except EngineElsewhere:
            ready.set_result(None)  # the server has the engine; it does the work
        except BaseException as error:
            if not ready.done():
                ready.set_exception(error)
            raise

    def work() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=work, name="engine")
    thread.start()
    try:
        ready.result()
        yield
        finished = True
    finally:
        if not loop.is_closed():
            loop.call_soon_threadsafe(done.set)
        thread.join()


def follow(
    job_id: str,
    title: str,
    *,
    quiet: bool,
    on_event: Callable[[Event], None] | None = None,
    until: Callable[[Event], bool] | None = None,
    after: int = 0,
) -> Event:
    """Follows a job with a progress bar until it ends, or until an event says so; answers the last event. ``after``: the id of
    the last event that is known already."""
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err,
        disable=quiet,
        transient=True,
    ) as progress:
        task = progress.add_task(title, total=None)
        for event in follow_job(job_id, after):
            if on_event is not None:
                on_event(event)
            total = event.data.get("total")
            progress.update(task, description=event.message[:70], total=total, completed=event.data.get("done") or 0)
            if event.type in ("finished", "failed") or (until is not None and until(event)):
                return event
    raise AssertionError("unreachable: following ends with a last event")

"""A process of its own for every way, so that none sees what another imported, kept or set."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing import get_context, set_start_method
from multiprocessing.connection import Connection

from .cases import CASES
from .peers import ready
from .timing import Times, Way, compiler_ready, measure

Measure = Callable[[Way, Times], Times]


@contextmanager
def apart(case: str, scale: float, ways: tuple[Way, ...]) -> Iterator[Measure]:
    """Start the processes, one after the other; what is yielded measures a way once, in its own.

    Raises
    ------
    SystemExit
        If a process ends, with what it was to do.
    """
    context = get_context("spawn")
    with ExitStack() as around:
        connections: dict[str, Connection] = {}
        for way in ways:
            here, there = context.Pipe()
            process = context.Process(target=serve, args=(there, case, scale, way.name))
            process.start()
            there.close()
            around.callback(process.join)
            around.callback(here.close)
            connections[way.name] = here
            # Preparing may train a network: two at a time would fight for the cores.
            _received(here, way)

        def measured(way: Way, times: Times) -> Times:
            connections[way.name].send(times)
            return _received(connections[way.name], way)

        yield measured


def serve(connection: Connection, case: str, scale: float, name: str) -> None:
    """Prepare the case and a way of it; measure it whenever the other end sends its times."""
    # Processes that a way starts itself are made as the system makes them, and not as this one was.
    set_start_method(None, force=True)
    prepared = CASES[case].prepare(scale)
    way = next(way for way in prepared.ways if way.name == name)
    if way.needs:
        ready(way.needs)
    if way.compiles:
        compiler_ready()
    connection.send(Times())
    while True:
        try:
            times = connection.recv()
        except EOFError:
            return
        connection.send(measure(way, times, prepared.least))


def _received(connection: Connection, way: Way) -> Times:
    try:
        return connection.recv()
    except EOFError:
        raise SystemExit(f"the process that timed {way.title!r} ended; its error is above") from None

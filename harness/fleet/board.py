"""What all of a fleet can read in its Redis beside the queues: who is there, has what, and which runs go on.

Whatever is written here has an end by itself, so that nothing stays of a machine or a run that has gone.
"""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis
from pydantic import ValidationError
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from harness.errors import MachineError, UsageError
from harness.fleet.app import ANSWER, UNACKED, UNACKED_INDEX, held_ids, waiting_ids
from harness.fleet.offer import Offer, decode_offer, encode_offer

_DAY = 86_400
_SCANNED = 5_000  # keys at a time
_AT_ONCE = 500  # keys asked for at a time
_ENDED = b"ended"


@dataclass(frozen=True, kw_only=True)
class Held:
    """What a machine has in hand: an order's id, run and stage, and the tag of its message."""

    id: str
    run: str
    stage: str
    tag: str


@dataclass(frozen=True, kw_only=True)
class Standing:
    """How it stands with what a machine has in hand: does its run go on, and is it still this machine's?

    `run` is None where nothing is known of the run.
    """

    run: bool | None
    own: bool


class Board:
    """The fleet's board in the Redis of `url`.

    Raises, in every method:
        RedisError: it does not answer.
    """

    def __init__(self, url: str, *, lease: float) -> None:
        try:
            # Any: its types do not know that without decoding all answers are bytes.
            self._redis: Any = redis.Redis.from_url(
                url,
                socket_timeout=ANSWER,
                socket_connect_timeout=ANSWER,
                health_check_interval=5,
                # Once, for a connection that has gone stale: who calls comes again by itself.
                retry=Retry(NoBackoff(), 1),
            )
        except ValueError as error:
            raise UsageError(f"{url!r} is no URL of a Redis: {error}", hint="redis://HOST:6379/0") from None
        self.lease = lease
        # Over before the message is given to another machine, which would take it for one that is in hand.
        self._hold = max(1, int(lease * 5000 / 6))

    def check(self) -> None:
        """Whether it can be used.

        Raises:
            MachineError: it does not answer, or tells another time than this machine.
        """
        try:
            seconds, micro = self._redis.time()
        except RedisError as error:
            raise MachineError(
                f"the fleet's Redis does not answer: {error}", hint="is it up, and reached from here?"
            ) from None
        apart = abs(time.time() - seconds - micro / 1e6)
        if apart > self.lease / 4:
            raise MachineError(
                f"this machine's clock and that of the fleet's Redis are {apart:.0f} s apart",
                hint="set both by NTP: what is held too long is given to another machine, by the clock",
            )

    # --- machines -------------------------------------------------------------------------------

    def announce(self, offer: Offer) -> None:
        """Say what this machine offers, for as long as a lease."""
        self._redis.set(f"fleet/machine/{offer.name}", encode_offer(offer), px=int(self.lease * 1000))

    def withdraw(self, name: str) -> None:
        """Say that a machine has gone."""
        self._redis.delete(f"fleet/machine/{name}")

    def offers(self) -> tuple[Offer, ...]:
        """Of all machines that are there; one that cannot be read is of another version, and left out."""
        keys = list(self._redis.scan_iter("fleet/machine/*", count=_SCANNED))
        return tuple(_readable(self._many(keys)))

    # --- runs -----------------------------------------------------------------------------------

    def go_on(self, run: str, version: str, project: str, files: bytes) -> None:
        """Say that a run goes on, and leave its project where machines find it."""
        pipe = self._redis.pipeline()
        pipe.set(f"fleet/run/{run}", version, px=int(self.lease * 1000))
        pipe.set(f"fleet/project/{project}", files, ex=_DAY, nx=True)
        pipe.execute()

    def end(self, run: str, queues: Iterable[str]) -> None:
        """Say that a run has ended, and take out of the queues what waits there for it."""
        self._redis.set(f"fleet/run/{run}", _ENDED, ex=_DAY)
        self._redis.delete(f"fleet/done/{run}")
        for queue in queues:
            pipe = self._redis.pipeline(transaction=False)
            for message in self._redis.lrange(queue, 0, -1):
                if _run_of(next(waiting_ids([message]))) == run:
                    pipe.lrem(queue, 1, message)
            pipe.execute()

    def versions(self) -> frozenset[str]:
        """Of the harnesses whose runs go on."""
        keys = list(self._redis.scan_iter("fleet/run/*", count=_SCANNED))
        return frozenset(each.decode() for each in self._many(keys) if each not in (None, _ENDED))

    def project(self, digest: str) -> bytes | None:
        """The files of a project, as `harness.fleet.travel` packs them; None while they are not there."""
        files: bytes | None = self._redis.get(f"fleet/project/{digest}")
        return files

    # --- orders ---------------------------------------------------------------------------------

    def take(self, name: str, held: Held) -> bool:
        """Take an order in hand; False if another machine has it, its answer is there, or its run is over."""
        if self._redis.get(f"fleet/run/{held.run}") == _ENDED:
            return False
        if self._redis.sismember(f"fleet/done/{held.run}", held.id):
            return False
        return bool(self._redis.set(_hand(held.id), f"{name} {held.stage}", px=self._hold, nx=True))

    def renew(self, name: str, all_held: Sequence[Held]) -> list[Standing]:
        """Keep hold of what this machine has in hand, and hear how it stands with each."""
        pipe = self._redis.pipeline(transaction=False)
        for held in all_held:
            pipe.get(f"fleet/run/{held.run}")
            pipe.get(_hand(held.id))
        told = pipe.execute()
        standings = [
            Standing(run=None if run is None else run != _ENDED, own=_owner(owner) in (name, ""))
            for run, owner in zip(told[::2], told[1::2], strict=True)
        ]
        for held, standing in zip(all_held, standings, strict=True):
            if standing.own:
                pipe.set(_hand(held.id), f"{name} {held.stage}", px=self._hold)
                pipe.zadd(UNACKED_INDEX, {held.tag: time.time()}, xx=True)
        pipe.execute()
        return standings

    def put_down(self, name: str, id_: str) -> None:
        """Let go of an order, if it is this machine's."""
        if _owner(self._redis.get(_hand(id_))) == name:
            self._redis.delete(_hand(id_))

    def in_hand(self, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
        """The machine and the stage of each order that a machine has in hand."""
        found = zip(ids, self._many([_hand(each) for each in ids]), strict=True)
        parts = {each: value.decode().split(" ") for each, value in found if value}
        return {each: (name, stage) for each, (name, stage) in parts.items()}

    def waiting(self, queues: Iterable[str]) -> set[str]:
        """The orders that wait in queues, or that are held for a machine until it acknowledges them."""
        ids = set(held_ids(self._redis.hvals(UNACKED)))
        for queue in queues:
            ids.update(waiting_ids(self._redis.lrange(queue, 0, -1)))
        return ids

    def answers(self, keys: Mapping[str, str]) -> dict[str, bytes]:
        """What the backend has, by id; `keys` are its keys by id."""
        values = self._many(list(keys.values()))
        return {each: value for each, value in zip(keys, values, strict=True) if value}

    def answered(self, run: str, keys: Mapping[str, str]) -> None:
        """Say that the answers have been recorded, and remove them."""
        pipe = self._redis.pipeline()
        pipe.sadd(f"fleet/done/{run}", *keys)
        pipe.expire(f"fleet/done/{run}", _DAY)
        pipe.delete(*keys.values())
        pipe.execute()

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()

    def _many(self, keys: Sequence[str | bytes]) -> list[bytes | None]:
        found: list[bytes | None] = []
        for start in range(0, len(keys), _AT_ONCE):
            found.extend(self._redis.mget(keys[start : start + _AT_ONCE]))
        return found


def _hand(id_: str) -> str:
    return f"fleet/hand/{id_}"


def _owner(value: bytes | None) -> str:
    return value.decode().partition(" ")[0] if value else ""


def _run_of(id_: str) -> str:
    return id_.partition("/")[0]


def _readable(texts: Collection[bytes | None]) -> Iterator[Offer]:
    for text in texts:
        if text:
            try:
                yield decode_offer(text)
            except ValidationError:
                continue

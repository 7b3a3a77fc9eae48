"""Dead letters on RabbitMQ: looked at, sent again, thrown away; never lost on the way.

Looking takes the messages without acknowledging them and gives them back; when our
connection is lost, RabbitMQ does. Of two that look at the same time one sees a part. What is sent again is confirmed before it is taken out.
"""

import asyncio
from collections.abc import Awaitable, Callable

from aio_pika.abc import AbstractChannel, AbstractIncomingMessage
from aio_pika.exceptions import ChannelNotFoundEntity

from musecore.broker.contract import DeadLetter, DeadLetterNotFound
from musecore.broker.rabbit_link import Link
from musecore.broker.rabbit_wire import BACK, DEAD, letter_of, wire_form

__all__ = ["Graves"]

_AGAIN = 3
_LET_GO_S = 2.0
_PAUSE_S = 0.3  # another one who looks has the letters in hand for so long


class Graves:
    """The dead letters of all queues behind one connection."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._one_at_a_time = asyncio.Lock()

    async def letters(self, queue: str) -> list[DeadLetter]:
        """List them, oldest first."""
        found: list[DeadLetter] = []

        async def note(letter: DeadLetter, _incoming: AbstractIncomingMessage) -> bool:
            found.append(letter)
            return False

        await self._each(queue, note)
        return found

    async def requeue(self, queue: str, wanted: set[str]) -> None:
        """Put them back into their queue, as if never delivered."""

        async def again(letter: DeadLetter) -> None:
            await self._link.publish(BACK, queue, wire_form(letter.message))

        await self._take(queue, wanted, again)

    async def drop(self, queue: str, wanted: set[str]) -> None:
        """Throw them away."""

        async def forget(_letter: DeadLetter) -> None:
            return

        await self._take(queue, wanted, forget)

    async def _take(
        self,
        queue: str,
        wanted: set[str],
        act: Callable[[DeadLetter], Awaitable[None]],
    ) -> None:
        done: set[str] = set()
        left = wanted

        async def look(letter: DeadLetter, incoming: AbstractIncomingMessage) -> bool:
            message_id = letter.message.message_id
            if message_id not in wanted:
                return False
            if message_id not in done:  # a crash may have left the same one twice
                await act(letter)
            await incoming.ack()
            done.add(message_id)
            return True

        for n in range(_AGAIN):
            await self._each(queue, look)
            left = wanted - done
            if not left:
                return
            if n + 1 < _AGAIN:
                await asyncio.sleep(_PAUSE_S)
        raise DeadLetterNotFound(
            f"Queue {queue!r} has no dead letter with message id "
            f"{', '.join(sorted(left))}."
        )

    async def _each(
        self,
        queue: str,
        look: Callable[[DeadLetter, AbstractIncomingMessage], Awaitable[bool]],
    ) -> None:
        """Let `look` see every letter; True: it has taken the letter out."""
        async with self._one_at_a_time, self._link.channel() as channel:
            try:
                grave = await channel.declare_queue(queue + DEAD, passive=True)
            except ChannelNotFoundEntity:
                return  # a queue nobody made, or a fleeting one
            held: list[AbstractIncomingMessage] = []
            for _ in range(grave.declaration_result.message_count or 0):
                incoming = await grave.get(no_ack=False, fail=False)
                if incoming is None:
                    break
                if not await look(letter_of(queue, incoming), incoming):
                    held.append(incoming)
            await _let_go(channel, queue, held)


async def _let_go(
    channel: AbstractChannel, queue: str, held: list[AbstractIncomingMessage]
) -> None:
    """Give back what was only looked at; return when it is there for the next look."""
    for incoming in held:
        await incoming.nack(requeue=True)
    end = asyncio.get_running_loop().time() + _LET_GO_S
    while held and asyncio.get_running_loop().time() < end:
        found = await channel.declare_queue(queue + DEAD, passive=True)
        if (found.declaration_result.message_count or 0) >= len(held):
            return
        await asyncio.sleep(0.01)

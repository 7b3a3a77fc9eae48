"""A TCP proxy that can be cut, refuse, or fall silent: the network between two."""

import asyncio
import socket
import threading
from typing import Literal

Mode = Literal["open", "refuses", "silent"]


class FaultProxy:
    """Passes bytes to a port of this machine, in a thread of its own.

    Parameters
    ----------
    target
        The port behind it.

    Attributes
    ----------
    port
        Where it listens, on 127.0.0.1.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._mode: Mode = "open"
        self._writers: set[asyncio.StreamWriter] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def refuse(self) -> None:
        """Break what is connected, and take no new connection."""
        self._become("refuses")

    def fall_silent(self) -> None:
        """Let connections stand and pass nothing: a cut cable."""
        self._become("silent")

    def heal(self) -> None:
        """Pass bytes again; what was connected while it was silent is broken."""
        self._become("open")

    def close(self) -> None:
        """End the proxy."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _become(self, mode: Mode) -> None:
        def change() -> None:
            broken = mode == "refuses" or self._mode == "silent"
            self._mode = mode
            for writer in self._writers if broken else ():
                writer.transport.abort()

        self._loop.call_soon_threadsafe(change)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(
            asyncio.start_server(self._accept, sock=self._listener)
        )
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0))
        self._listener.close()
        self._loop.close()

    async def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._writers.add(writer)
        try:
            if self._mode == "refuses":
                writer.transport.abort()
                return
            far_reader, far_writer = await asyncio.open_connection(
                "127.0.0.1", self._target
            )
        except OSError:
            writer.transport.abort()
            return
        finally:
            if writer.transport.is_closing():
                self._writers.discard(writer)
        self._writers.add(far_writer)
        await asyncio.gather(
            self._pump(reader, far_writer), self._pump(far_reader, writer)
        )
        self._writers -= {writer, far_writer}

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while data := await reader.read(65536):
                while self._mode == "silent":
                    await asyncio.sleep(0.05)
                writer.write(data)
                await writer.drain()
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

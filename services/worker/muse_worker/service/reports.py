"""What the worker tells the fleet, and how it is not lost when the worker is.

A report lies in the folder of its attempt until the broker has it. It may be sent
twice: the readers know a message that says what they know already.
"""

import asyncio
import os
import shutil
from pathlib import Path
from typing import cast

from tenacity import (
    AsyncRetrying,
    retry_if_exception,
    stop_after_delay,
    wait_random_exponential,
)

from muse_worker.service.notes import Notes, Report
from musecore.broker import Broker, Message
from musecore.errors import MuseError
from musecore.log import get_logger
from musecore.messages import (
    Envelope,
    FileUnwanted,
    Payload,
    envelope_of,
    parse,
)

__all__ = ["Report", "send_leftovers", "send_report", "tell"]

log = get_logger(__name__)

REPORT = "report.json"


async def tell(broker: Broker, payload: Payload) -> None:
    """Publish a message once."""
    await broker.publish(Message.of(envelope_of(payload)))


async def send_report(
    broker: Broker, folder: Path, report: Report, *, patience_s: float
) -> None:
    """Write the report down, publish it, and only then remove the folder.

    While the broker does not answer this is repeated for `patience_s` seconds; then
    the report stays for the next start of the worker.
    """
    envelope = envelope_of(report)
    try:
        await asyncio.to_thread(_write, folder, envelope)
    except OSError as error:  # a full disk must not silence its own report
        log.warning("report not written down", folder=str(folder), detail=str(error))
        await asyncio.to_thread(Notes(folder).forget)
    await _send(broker, folder, envelope, patience_s)


async def send_leftovers(broker: Broker, root: Path, *, patience_s: float) -> int:
    """Send reports that an earlier run left, remove its folders; give their number."""
    leftovers = await asyncio.to_thread(_left, root)
    for folder, envelope in leftovers:
        log.warning("leftover of an earlier run", folder=folder.name)
        await _send(broker, folder, envelope, patience_s)
    return len(leftovers)


async def _send(
    broker: Broker, folder: Path, envelope: Envelope | None, patience_s: float
) -> None:
    """Tell the report, if there is one, and what files do not count; then forget."""
    unwanted = await asyncio.to_thread(_unwanted, folder, envelope)
    said = [] if envelope is None else [envelope]
    messages = [Message.of(one) for one in (*said, *map(envelope_of, unwanted))]
    retrying = AsyncRetrying(
        retry=retry_if_exception(_passes_by_itself),
        stop=stop_after_delay(patience_s),
        wait=wait_random_exponential(multiplier=0.1, max=5.0),
        reraise=True,
    )
    try:
        for message in messages:
            await retrying(broker.publish, message)
    except (MuseError, OSError) as error:
        log.warning("report not sent, kept", folder=str(folder), detail=str(error))
        return
    await asyncio.to_thread(_clear, folder)


def _clear(folder: Path) -> None:
    """Remove a folder whose report is told, the notes before the report.

    Notes without a report mean that the attempt died: killed in between, the next
    start of the worker would give up products that count.
    """
    Notes(folder).forget()
    shutil.rmtree(folder, ignore_errors=True)


def _unwanted(folder: Path, envelope: Envelope | None) -> list[FileUnwanted]:
    """Give what is to be said of files that no report names.

    Nothing when there is a report that cannot be read: it may have been told.
    """
    if envelope is None and (folder / REPORT).exists():
        return []
    report = None if envelope is None else cast("Report", parse(envelope))
    return Notes(folder).unwanted(report)


def _passes_by_itself(error: BaseException) -> bool:
    return (isinstance(error, MuseError) and error.transient) or isinstance(
        error, OSError
    )


def _write(folder: Path, envelope: Envelope) -> None:
    """Write a report down so that it outlives a power cut.

    Once it is told its files count, and whoever finds notes without it drops them.
    """
    part = folder / f"{REPORT}.part"
    with part.open("w") as file:
        file.write(envelope.model_dump_json())
        file.flush()
        os.fsync(file.fileno())
    part.replace(folder / REPORT)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _left(root: Path) -> list[tuple[Path, Envelope | None]]:
    folders = sorted(path for path in root.iterdir() if path.is_dir())
    return [(folder, _read(folder / REPORT)) for folder in folders]


def _read(path: Path) -> Envelope | None:
    """Give a report that can still be sent."""
    try:
        envelope = Envelope.model_validate_json(path.read_text())
        cast("Report", parse(envelope))
    except (OSError, ValueError, KeyError):
        return None
    return envelope

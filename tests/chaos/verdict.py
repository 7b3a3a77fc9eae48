"""Was every task done exactly once? Asked of the databases and of the broker."""

import asyncio
import time
from typing import Any

from musecore.broker.rabbit_wire import DEAD
from musecore.serving import broker_of
from tests.chaos.rig import EARS, Rig

_TWICE_IN_SCHEDULER = """
SELECT count(*) FROM (SELECT task_id FROM scheduler.product GROUP BY task_id, tag, ordinal
    HAVING count(*) > 1) x
"""
_TWO_ATTEMPTS = """
SELECT count(*) FROM (SELECT task_id FROM {table} WHERE task_id IS NOT NULL
    GROUP BY task_id HAVING count(DISTINCT attempt) > 1) x
"""
_MADE = """
SELECT count(*) FROM scheduler.task t WHERE t.project = $1 AND t.made_by IS NULL
    AND NOT EXISTS (SELECT FROM {table} p WHERE p.task_id = t.task_id)
"""
_DIFFERENT = """
SELECT count(*) FROM scheduler.product p JOIN scheduler.task t USING (task_id)
WHERE t.project = $1 AND NOT EXISTS (SELECT FROM catalog.file f
    WHERE f.file_id = p.file_id AND f.state = 'STORED')
"""
_NO_BYTES = """
SELECT count(*) FROM scheduler.product p JOIN scheduler.task t USING (task_id)
WHERE t.project = $1 AND NOT EXISTS (SELECT FROM storage.file f
    WHERE f.file_id = p.file_id AND f.state = 'STORED')
"""
_GONE = """
SELECT f.filename, f.state, f.evict_reason FROM scheduler.product p
JOIN scheduler.task t USING (task_id) LEFT JOIN storage.file f USING (file_id)
WHERE t.project = $1 AND f.state IS DISTINCT FROM 'STORED' LIMIT 5
"""
_LOOSE_INPUTS = """
SELECT count(*) FROM catalog.lineage l JOIN scheduler.task t USING (task_id)
WHERE t.project = $1 AND NOT EXISTS
    (SELECT FROM catalog.file f WHERE f.file_id = l.file_id)
"""


async def settled(rig: Rig, seconds: float) -> bool:
    """Wait until every outbox and every queue of the broker is empty."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not await _unsent(rig) and not any(_messages(rig).values()):
            return True
        await asyncio.sleep(0.5)
    return False


async def _unsent(rig: Rig) -> int:
    counts = [
        await rig.sql(f"SELECT count(*) FROM {schema}.outbox WHERE sent_at IS NULL")
        for schema in ("catalog", "scheduler", "storage")
    ]
    return sum(int(rows[0][0]) for rows in counts)


def _messages(rig: Rig) -> dict[str, int]:
    """Count what waits, is delayed or in hand, by queue; not the dead letters."""
    return {
        queue["name"]: queue.get("messages", 1)  # one just made has no count yet
        for queue in _queues(rig)
        if not (
            queue["name"].endswith(DEAD) or queue["name"] == EARS or _is_left(queue)
        )
    }


def _is_left(queue: dict[str, Any]) -> bool:
    """Whether it was a worker's own that stopped: others have what was said there."""
    own = queue["name"].startswith("worker.at.") or queue["name"].endswith(".cancelled")
    return own and not queue.get("consumers")


def _queues(rig: Rig) -> list[dict[str, Any]]:
    vhost = rig.broker_url.rpartition("/")[2]
    return rig.rabbit.ask("GET", f"queues/{vhost}")


async def dead(rig: Rig) -> dict[str, list[str]]:
    """Give the dead letters of all queues, as sentences."""
    names = [queue["name"] for queue in _queues(rig)]
    broker = broker_of(rig.broker_url)
    await broker.start()
    found = {}
    try:
        for queue in (n.removesuffix(DEAD) for n in names if n.endswith(DEAD)):
            letters = await broker.dead_letters(queue)
            found[queue] = [
                f"{one.message.routing_key}: {one.detail}" for one in letters
            ]
    finally:
        await broker.close()
    return {queue: letters for queue, letters in found.items() if letters}


async def violations(rig: Rig, project: str, tasks: int) -> list[str]:
    """Give everything that should not be, as sentences."""
    states = await rig.sql(
        "SELECT state, count(*) FROM scheduler.task WHERE project = $1 GROUP BY state",
        project,
    )
    wrong = []
    if dict(states) != {"DONE": tasks}:
        wrong.append(f"tasks stand at {dict(states)}, of {tasks}")
    counts = {
        "negative counters": "SELECT count(*) FROM scheduler.task WHERE n_wait <> 0 "
        "AND project = $1",
        "tasks without products": _MADE.format(table="scheduler.product"),
        "tasks without products in the catalogue": _MADE.format(table="catalog.file"),
        "tasks without lineage": _MADE.format(table="catalog.lineage"),
        "products that the catalogue lacks": _DIFFERENT,
        "products without bytes": _NO_BYTES,
        "inputs that nobody knows": _LOOSE_INPUTS,
    }
    for what, query in counts.items():
        found = (await rig.sql(query, project))[0][0]
        if found:
            wrong.append(f"{found} {what}")
    for name, state, reason in await rig.sql(_GONE, project):
        wrong.append(f"the bytes of {name} are {state}: {reason}")
    doubles = {"products twice in the scheduler": _TWICE_IN_SCHEDULER} | {
        f"tasks with products of two attempts in {table}": _TWO_ATTEMPTS.format(
            table=table
        )
        for table in ("scheduler.product", "catalog.file", "catalog.lineage")
    }
    for what, query in doubles.items():
        found = (await rig.sql(query))[0][0]
        if found:
            wrong.append(f"{found} {what}")
    for queue, letters in (await dead(rig)).items():
        wrong.append(f"{len(letters)} dead letters in {queue}: {letters[:3]}")
    return wrong

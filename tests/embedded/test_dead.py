"""Dead letters that a person can use: found, understood, sent again or thrown away."""

import asyncio
import json
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from muse_embedded.main import cli
from muse_scheduler.models import Announcement
from muse_scheduler.store import WorkerRegistry
from musecore.broker import (
    LocalBroker,
    Message,
    RabbitBroker,
    fleet_topology,
    queue_of,
)
from musecore.broker.rabbit_wire import wire_form
from musecore.db import Database
from musecore.errors import Refused
from musecore.log import correlation
from musecore.messages import FileUnwanted, TaskFailed
from musecore.outbox import envelope_of
from musecore.serving import listen, url_of
from musecore.testing.broker_suite import Heard, until
from musecore.times import utcnow, uuid7
from tests.support.processes import environment

pytestmark = pytest.mark.asyncio


class Hall:
    """A broker with all queues, and the command beside it."""

    def __init__(self, broker, **settings):
        self.broker = broker
        self.settings = settings

    async def dead(self, *arguments, said="", folder=None):
        where = ["--dir", str(folder)] if folder else []
        done = await asyncio.to_thread(
            CliRunner().invoke,
            cli,
            ["dead", *arguments, *where],
            input=said,
            env=environment(self.settings) | {"COLUMNS": "240"},
        )
        assert "Traceback" not in done.output
        assert done.exception is None or isinstance(done.exception, SystemExit)
        return done

    async def listed(self, *arguments):
        done = await self.dead("list", "--json", *arguments)
        assert done.exit_code == 0, done.stderr
        return json.loads(done.stdout)

    async def kill(self, payload, *queues, why="The disk of Ann's is full."):
        """Say something that these queues give up; gives the message."""
        with correlation("put-7f3a"):
            message = Message.of(envelope_of(payload))
        readings = [
            await self.broker.subscribe(queue, [], Heard(Refused(why)))
            for queue in queues
        ]
        await self.broker.publish(message)
        for queue in queues:
            await until(lambda queue=queue: self._has(queue, message))
        for reading in readings:
            await reading.cancel()
        return message

    async def _has(self, queue, message):
        there = await self.broker.dead_letters(queue)
        return message.message_id in [one.message.message_id for one in there]

    async def left(self, *queues):
        return {queue: len(await self.broker.dead_letters(queue)) for queue in queues}


@asynccontextmanager
async def open_hall(url, **settings):
    broker = RabbitBroker(url, fleet_topology(), delays_s=[0.01])
    await broker.start()
    yield Hall(broker, broker_url=url, **settings)
    await broker.close()


@pytest_asyncio.fixture
async def hall(rabbit_url):
    async with open_hall(rabbit_url) as made:
        yield made


def unwanted():
    return FileUnwanted(file_id=uuid7(), reason="space")


def failed():
    return TaskFailed(
        task_id=uuid7(),
        attempt=1,
        worker="w1",
        failure_class="recipe_error",
        detail="muse_bias: too few frames",
        started=utcnow(),
        ended=utcnow(),
    )


@pytest.mark.real
async def test_all_queues_are_looked_at_and_each_letter_is_a_line_with_its_reason(hall):
    one = await hall.kill(failed(), "scheduler.tasks", why="No such\ntask here.")
    two = await hall.kill(unwanted(), "storage")
    done = await hall.dead("list")
    assert done.exit_code == 0
    head, *lines = done.stdout.splitlines()
    assert head.split() == ["queue", "id", "name", "age", "tries", "reason"]
    assert len(lines) == 2
    assert lines[0].split()[:3] == [
        "scheduler.tasks",
        one.message_id[:18],
        "task.failed.v1",
    ]
    assert lines[0].rstrip().endswith("refused: No such task here.")
    assert lines[1].startswith("storage")
    listed = await hall.listed()
    assert [letter["message_id"] for letter in listed] == [
        one.message_id,
        two.message_id,
    ]
    assert listed[0] | {"age_s": 0, "time": ""} == {
        "queue": "scheduler.tasks",
        "served_by": "scheduler",
        "message_id": one.message_id,
        "name": "task.failed.v1",
        "time": "",
        "age_s": 0,
        "attempts": 1,
        "code": "refused",
        "detail": "No such\ntask here.",
        "if_dropped": queue_of("scheduler.tasks").if_dropped,
    }
    [alone] = await hall.listed("--queue", "storage")
    assert alone["message_id"] == two.message_id
    assert await hall.left("scheduler.tasks", "storage") == {
        "scheduler.tasks": 1,
        "storage": 1,
    }


@pytest.mark.real
async def test_a_message_is_shown_whole_with_what_to_do_next(hall):
    message = await hall.kill(failed(), "scheduler.tasks")
    done = await hall.dead("show", message.message_id[:20])
    assert done.exit_code == 0, done.stderr
    text = done.stdout
    assert f"message   {message.message_id}" in text
    assert "scheduler.tasks (served by scheduler)" in text
    assert "refused\n          The disk of Ann's is full." in text
    assert "  correlation_id: put-7f3a" in text
    assert '"detail": "muse_bias: too few frames"' in text
    again = f"dead requeue {message.message_id} --queue scheduler.tasks"
    assert again in text
    assert queue_of("scheduler.tasks").if_dropped in text
    [whole] = json.loads((await hall.dead("show", "--json", message.message_id)).stdout)
    assert whole["body"] == json.loads(message.body)
    assert whole["headers"] == dict(message.headers)
    assert whole["next"]


@pytest.mark.real
async def test_a_body_that_is_no_json_is_shown_as_it_is(hall):
    strange = Message(str(uuid7()), "task.failed.v1", b"\xffno json", {})
    reading = await hall.broker.subscribe("scheduler.tasks", [], Heard(Refused("No.")))
    await hall.broker.publish(strange)
    await until(lambda: hall._has("scheduler.tasks", strange))
    await reading.cancel()
    assert "\\xffno json" in (await hall.dead("show", strange.message_id)).stdout


@pytest.mark.real
async def test_a_requeued_message_is_heard_as_if_for_the_first_time(hall):
    message = await hall.kill(failed(), "scheduler.tasks")
    other = await hall.kill(failed(), "scheduler.tasks")
    done = await hall.dead("requeue", message.message_id)
    assert done.exit_code == 0, done.stderr
    assert done.stdout == "scheduler.tasks: requeued 1 message\n"
    heard = Heard()
    reading = await hall.broker.subscribe("scheduler.tasks", [], heard)
    await heard.count(1)
    await reading.cancel()
    assert [one.message for one in heard.deliveries] == [message]
    assert heard.deliveries[0].attempt == 1
    [left] = await hall.listed()
    assert left["message_id"] == other.message_id


@pytest.mark.real
async def test_a_message_is_dropped_only_after_a_yes(hall):
    message = await hall.kill(unwanted(), "storage")
    kept = await hall.dead("drop", message.message_id, said="n\n")
    assert kept.exit_code == 1
    assert "Drop 1 message?" in kept.stderr
    assert queue_of("storage").if_dropped in kept.stderr
    assert await hall.left("storage") == {"storage": 1}
    done = await hall.dead("drop", message.message_id, said="y\n")
    assert done.exit_code == 0
    assert "storage: dropped 1 message" in done.stdout
    assert await hall.left("storage") == {"storage": 0}


@pytest.mark.real
async def test_a_whole_queue_is_requeued_or_dropped_and_the_others_stay(hall):
    for _ in range(3):
        await hall.kill(unwanted(), "storage", "catalog")
    done = await hall.dead("drop", "--all", "--queue", "storage", "--yes")
    assert done.stdout == "storage: dropped 3 messages\n"
    assert await hall.left("storage", "catalog") == {"storage": 0, "catalog": 3}
    done = await hall.dead("requeue", "--all", "--queue", "catalog")
    assert done.stdout == "catalog: requeued 3 messages\n"
    assert await hall.left("catalog") == {"catalog": 0}
    assert await hall.broker.depth("catalog") >= 3
    done = await hall.dead("requeue", "--all", "--queue", "catalog")
    assert (done.exit_code, done.stdout) == (
        0,
        "No dead letters there; nothing was done.\n",
    )
    assert (await hall.dead("list")).stdout == "No dead letters.\n"


@pytest.mark.real
async def test_what_is_meant_must_be_clear(hall):
    one = await hall.kill(unwanted(), "storage", "catalog")
    two = await hall.kill(unwanted(), "storage")
    typo = one.message_id[:-1] + ("0" if one.message_id[-1] != "0" else "1")

    async def refused(*arguments):
        done = await hall.dead(*arguments)
        assert done.exit_code in (1, 2)
        assert done.stdout == ""
        return done.stderr

    assert f"The nearest is {one.message_id}" in await refused("show", typo)
    both = await refused("requeue", one.message_id[:6])
    assert "2 dead letters" in both
    assert one.message_id in both
    assert two.message_id in both
    twice = await refused("drop", "--yes", one.message_id)
    assert "catalog, storage" in twice
    assert "--queue" in twice
    assert "mean scheduler.tasks" in await refused("list", "--queue", "sheduler.task")
    assert "no queue" not in await refused("requeue", "--all")
    assert "one of them" in await refused("requeue")
    assert "one of them" in await refused("requeue", "--all", one.message_id)
    assert await hall.left("storage", "catalog") == {"storage": 2, "catalog": 1}
    done = await hall.dead("drop", "--yes", one.message_id, "--queue", "catalog")
    assert done.exit_code == 0
    assert await hall.left("storage", "catalog") == {"storage": 2, "catalog": 0}


@pytest.mark.real
async def test_a_worker_s_own_queue_is_found_by_the_scheduler_s_table_or_by_name(
    databases, rabbit_url
):
    async with databases.url(("scheduler", "muse_scheduler")) as url:
        database = Database(url, "scheduler", pool_size=1)
        async with database.begin() as tx:
            announced = Announcement(site="eso", pools=("small",), cores=1, memory_mb=1)
            await WorkerRegistry(tx).announce("w-7", announced)
        await database.close()
        async with open_hall(rabbit_url) as hall:
            own = queue_of("worker.at.{worker}", worker="w-7")
            await hall.broker.declare(own.name, ["file.unwanted.v1"])
            message = await hall.kill(unwanted(), own.name)
            assert await hall.listed() == []
            assert "--worker" in (await hall.dead("list")).stderr
            [found] = await hall.listed("--worker", "w-7")
            assert found["queue"] == "worker.at.w-7"
            hall.settings["admin_database_url"] = url
            [found] = await hall.listed()
            assert found["message_id"] == message.message_id
            assert (await hall.dead("list")).stderr == ""


@pytest.mark.real
async def test_messages_whose_queue_was_deleted_are_told_beside_the_list(hall):
    link = hall.broker._link
    lost = Message(str(uuid7()), "task.failed.v1", b"{}", {})
    await link.publish("musewise.back", "a-queue-that-was", wire_form(lost))
    await until(lambda: is_one(hall.broker.depth("musewise.lost")))
    done = await hall.dead("list")
    assert "1 more in musewise.lost" in done.stderr
    assert done.stdout == "No dead letters.\n"


async def is_one(number):
    return await number == 1


async def test_a_broker_that_is_away_is_said_once(tmp_path):
    hall = Hall(None, broker_url="amqp://ann:secret@127.0.0.1:1/")
    done = await hall.dead("list")
    assert done.exit_code == 1
    assert "127.0.0.1:1 does not answer" in done.stderr
    assert len(done.stderr.splitlines()) == 2
    assert "secret" not in done.stderr


async def test_without_a_broker_it_is_said_what_to_name(tmp_path):
    hall = Hall(None)
    done = await hall.dead("list")
    assert done.exit_code == 2
    assert "--config" in done.stderr
    assert "--dir" in done.stderr
    assert (await hall.dead("list", folder=tmp_path)).exit_code == 2


async def test_an_embedded_server_s_letters_are_in_its_folder(tmp_path):
    broker = LocalBroker(fleet_topology(), journal=tmp_path / "broker")
    await broker.start()
    hall = Hall(broker)
    message = await hall.kill(unwanted(), "storage")
    await broker.close()
    shown = await hall.dead("show", message.message_id, folder=tmp_path)
    assert f"--queue storage --dir {tmp_path}" in shown.stdout
    with listen("127.0.0.1", 0) as listener:
        listener.listen()
        card = tmp_path / "server.json"
        card.write_text(json.dumps({"url": url_of(listener)}))
        done = await hall.dead("requeue", message.message_id, folder=tmp_path)
        assert done.exit_code == 1
        assert "Stop it" in done.stderr
    done = await hall.dead("requeue", message.message_id, folder=tmp_path)
    assert done.stdout == "storage: requeued 1 message\n"
    again = LocalBroker(journal=tmp_path / "broker")
    await again.start()
    assert await again.depth("storage") == 1
    assert await again.dead_letters("storage") == []
    await again.close()

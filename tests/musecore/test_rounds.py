"""Rounds: steps again and again, whatever fails."""

import asyncio

import pytest

from musecore.errors import Unavailable
from musecore.rounds import Rounds

pytestmark = pytest.mark.asyncio


async def test_a_step_that_fails_keeps_back_neither_the_next_nor_the_next_round():
    steps: list[str] = []

    async def first() -> None:
        steps.append("first")
        if steps.count("first") == 1:
            raise Unavailable("The database is away.")
        if steps.count("first") == 2:
            raise ZeroDivisionError

    async def second() -> None:
        steps.append("second")

    rounds = Rounds("test", first, second, every_s=0.001)
    await rounds.start()
    while len(steps) < 6:
        await asyncio.sleep(0.001)
    await rounds.stop()
    assert steps[:6] == ["first", "second"] * 3


async def test_rounds_that_are_stopped_do_nothing_more():
    steps: list[int] = []

    async def step() -> None:
        steps.append(1)

    rounds = Rounds("test", step, every_s=0.001)
    await rounds.start()
    while not steps:
        await asyncio.sleep(0.001)
    await rounds.stop()
    number = len(steps)
    await asyncio.sleep(0.02)
    assert len(steps) == number

"""Pools of workers by memory."""

import pytest
from pydantic import ValidationError

from musecore.muse.pools import Pools, inputs_bucket, load_pools
from musecore.muse.schema import load


def test_the_pools_grow_from_small_to_huge() -> None:
    assert load_pools().names == ("small", "medium", "large", "huge")


@pytest.mark.parametrize(
    ("memory_mb", "pool"),
    [
        (100, "small"),
        (2048, "small"),
        (2049, "medium"),
        (14336, "large"),
        (9e5, "huge"),
    ],
)
def test_a_task_goes_to_the_smallest_pool_that_fits(
    memory_mb: float, pool: str
) -> None:
    assert load_pools().fitting(memory_mb).name == pool


@pytest.mark.parametrize(
    ("recipe", "ifus", "pool"),
    [
        ("muse_bias", 1, "small"),
        ("muse_scibasic", 1, "small"),
        ("muse_scipost", 3, "medium"),
        ("muse_scipost", 24, "huge"),
        ("muse_exp_combine", 6, "medium"),
        ("muse_exp_combine", 48, "huge"),
    ],
)
def test_first_guesses_lead_to_a_pool(recipe: str, ifus: int, pool: str) -> None:
    guess = load().recipe(recipe).expected.memory(ifus)
    assert load_pools().fitting(guess).name == pool


def test_too_little_memory_means_twice_as_much_and_a_larger_pool() -> None:
    pools = load_pools()
    tries = [500]
    while (more := pools.more(tries[-1])) is not None:
        tries.append(more)
    assert tries == [500, 6144, 14336, 65536]


def test_a_machine_serves_the_pools_that_fit_into_it() -> None:
    found = load_pools().within(24_000)
    assert [pool.name for pool in found] == ["small", "medium", "large"]


@pytest.mark.parametrize(
    ("inputs", "bucket"), [(0, 1), (1, 1), (2, 2), (3, 4), (24, 32), (32, 32)]
)
def test_numbers_of_inputs_are_kept_in_powers_of_two(inputs: int, bucket: int) -> None:
    assert inputs_bucket(inputs) == bucket


def test_pools_out_of_order_are_refused() -> None:
    pools = load_pools()
    turned = pools.model_dump() | {
        "pools": tuple(reversed(pools.model_dump()["pools"]))
    }
    with pytest.raises(ValidationError, match="smallest to the largest"):
        Pools.model_validate(turned)

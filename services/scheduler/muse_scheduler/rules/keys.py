"""Planned and realised keys of tasks (scheduler.md 4).

A key is the SHA-256 of canonical JSON (RFC 8785): names sorted by UTF-16 code
unit, no white space, one form for every number. The body has a version of its
own, so that a change of the recipe for keys is a new generation of keys and not a
silent invalidation.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

from muse_scheduler.models import PlannedInput, Versions

KEY_VERSION = 1

InputIdentity = tuple[str | int, ...]


def canonical_json(value: Any) -> str:
    """Write a JSON value in the form of RFC 8785.

    Raises
    ------
    ValueError
        A number is not finite, or a value is of no JSON type.
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return number(value)
    if isinstance(value, Mapping):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        pairs = (f"{canonical_json(n)}:{canonical_json(value[n])}" for n in names)
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, Sequence):
        return "[" + ",".join(map(canonical_json, value)) + "]"
    raise ValueError(f"{value!r} of type {type(value).__name__} is no JSON value.")


def number(value: float) -> str:
    """Write a float as ECMAScript does: 15.0 and 15 are both ``15``.

    Raises
    ------
    ValueError
        The number is infinite or not a number.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value!r} cannot be written in JSON.")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    digits, point = _shortest(abs(value))
    if not -6 < point <= 21:
        tail = f".{digits[1:]}" if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{tail}e{point - 1:+d}"
    if point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    if len(digits) <= point:
        return sign + digits.ljust(point, "0")
    return f"{sign}{digits[:point]}.{digits[point:]}"


def _shortest(value: float) -> tuple[str, int]:
    """Give the shortest digits that read back, and where the point stands."""
    mantissa, _, exponent = repr(value).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = whole + fraction
    point = len(whole) + int(exponent or 0)
    stripped = digits.lstrip("0")
    point -= len(digits) - len(stripped)
    return stripped.rstrip("0"), point


def digest(value: Any) -> str:
    """Give the SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def input_identities(
    inputs: Sequence[PlannedInput], sha256: Mapping[str, str]
) -> list[InputIdentity]:
    """Say what each input is, in order, without naming places or ids.

    Parameters
    ----------
    inputs
        In set-of-frames order.
    sha256
        sha256 of a raw or static file by its file id as text.

    Returns
    -------
    list
        ``(tag, sha256)`` of a file, ``(tag, parent's key, its tag, ordinal)`` of a
        product that is still to be made.
    """
    return [
        (entry.tag, entry.from_key, entry.from_tag or entry.tag, entry.ordinal)
        if entry.from_key
        else (entry.tag, sha256[str(entry.file_id)])
        for entry in inputs
    ]


def planned_key(
    recipe: str,
    ifu: int | None,
    parameters: Mapping[str, Any],
    inputs: Sequence[InputIdentity],
    versions: Versions,
) -> str:
    """Give the key of a task whose parents need not have run."""
    return digest(_body("planned", recipe, ifu, parameters, inputs, versions))


class KeyForm:
    """The canonical form of planned keys that differ in IFU and inputs alone.

    `key` gives what `planned_key` gives of the same task, and writes what they share
    once.

    Parameters
    ----------
    recipe, versions
        As for `planned_key`.
    parameters
        Effective ones, without the one that names the IFU.
    ifu_name
        Name of the parameter that holds the task's IFU; None where there is none.
    """

    def __init__(
        self,
        recipe: str,
        parameters: Mapping[str, Any],
        ifu_name: str | None,
        versions: Versions,
    ) -> None:
        body = _body("planned", recipe, 0, parameters, (), versions)
        self._ifu_name = ifu_name
        texts = {name: canonical_json(value) for name, value in body.items()}
        self._head = f'{{"cpl":{texts["cpl"]},"ifu":'
        self._image = f',"image":{texts["image"]},"inputs":['
        self._tail = (
            f',"pipeline":{texts["pipeline"]},"recipe":{texts["recipe"]},'
            f'"version":{texts["version"]}}}'
        )
        self._parameters = _around(parameters, ifu_name)

    def key(self, ifu: int | None, inputs: str) -> str:
        """Give a key.

        Parameters
        ----------
        inputs
            Identities of the inputs in canonical form, with commas between.
        """
        before, after = self._parameters
        number = "null" if ifu is None else str(ifu)
        own = number if self._ifu_name is not None and ifu is not None else ""
        text = (
            f'{self._head}{number}{self._image}{inputs}],"kind":"planned",'
            f'"parameters":{before}{own}{after}{self._tail}'
        )
        return hashlib.sha256(text.encode()).hexdigest()


def _around(parameters: Mapping[str, Any], name: str | None) -> tuple[str, str]:
    """Write parameters; give what stands before and after the value of `name`."""
    if name is None:
        return canonical_json(parameters), ""
    names = sorted({*parameters, name}, key=lambda one: one.encode("utf-16-be"))
    at = names.index(name)
    texts = [
        f"{canonical_json(one)}:" + (canonical_json(parameters[one]) if n != at else "")
        for n, one in enumerate(names)
    ]
    before = "{" + ",".join(texts[: at + 1])
    after = "".join(f",{one}" for one in texts[at + 1 :]) + "}"
    return before, after


def realised_key(
    recipe: str,
    ifu: int | None,
    parameters: Mapping[str, Any],
    inputs: Sequence[tuple[str, str]],
    versions: Versions,
) -> str:
    """Give the key over the content of the actual inputs.

    Parameters
    ----------
    recipe, ifu, parameters, versions
        As for `planned_key`; parameters are the effective ones.
    inputs
        ``(tag, content key)`` of every input, in set-of-frames order.
    """
    return digest(_body("realised", recipe, ifu, parameters, inputs, versions))


def _body(
    kind: str,
    recipe: str,
    ifu: int | None,
    parameters: Mapping[str, Any],
    inputs: Sequence[Sequence[str | int]],
    versions: Versions,
) -> dict[str, Any]:
    return {
        "version": KEY_VERSION,
        "kind": kind,
        "recipe": recipe,
        "ifu": ifu,
        "parameters": dict(parameters),
        "inputs": [list(entry) for entry in inputs],
        "pipeline": versions.pipeline,
        "cpl": versions.cpl,
        "image": versions.image,
    }

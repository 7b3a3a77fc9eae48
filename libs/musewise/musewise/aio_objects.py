"""The part of the async client about single objects: kin, values, verdicts, files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from musewise._generated.catalog.api import frames as frame_calls
from musewise._generated.catalog.api import lineage as lineage_calls
from musewise._generated.catalog.api import products as product_calls
from musewise._generated.catalog.api import quality as quality_calls
from musewise._generated.scheduler.api import products as reason_calls
from musewise.asking import AsyncConnection
from musewise.judging import verdict
from musewise.lineage import of_category
from musewise.results import Frame

if TYPE_CHECKING:
    from musewise.session import Session
    from musewise.uploads import Upload

__all__ = ["ObjectCalls"]


class ObjectCalls:
    """Each method is the awaited twin of the one of `musewise.Session`."""

    connection: AsyncConnection
    _files: Session

    async def frame(self, frame_id: str) -> Frame:
        """Give one frame by its id or the beginning of it."""
        found = await self.connection.ask(frame_calls.get_frame(frame_id))
        return Frame.model_validate(found)

    async def get(self, frame_id: str, path: str | Path = ".") -> Path:
        """Download the file of a frame; see `musewise.Session.get`.

        It runs in a thread of its own, as writing a file waits for the disk.
        """
        return await asyncio.to_thread(self._files.get, frame_id, path)

    async def put(
        self, *paths: str | Path, project: str | None = None, copy: bool = False
    ) -> list[Upload]:
        """Put files and folders in; see `musewise.Session.put`. In a thread, as `get`."""
        return await asyncio.to_thread(
            self._files.put, *paths, project=project, copy=copy
        )

    # ------------------------------------------------------------ what is known
    async def header(
        self, frame_id: str, hdu: int | None = None
    ) -> list[dict[str, Any]]:
        """Give the header of every extension: index, extname, cards."""
        found = await self.connection.ask(frame_calls.get_header(frame_id, hdu=hdu))
        return list(found["hdus"])

    async def qc(self, frame_id: str) -> list[dict[str, Any]]:
        """Give the QC values: name, ifu, value, unit, meaning."""
        return list(await self.connection.ask(product_calls.get_qc(frame_id)))

    async def lineage(
        self, frame_id: str, depth: int | None = None, *, up: bool = True
    ) -> dict[str, Any]:
        """Give what a frame was made from, or what was made of it, as a tree."""
        call = lineage_calls.get_lineage(
            frame_id, depth=depth, direction="up" if up else "down"
        )
        return dict(await self.connection.ask(call))

    async def lineage_table(
        self, frame_id: str, depth: int | None = None, *, up: bool = True
    ) -> list[dict[str, Any]]:
        """Give the same as rows, nearest first: depth, role, frame, recipe."""
        call = lineage_calls.get_lineage_table(
            frame_id, depth=depth, direction="up" if up else "down"
        )
        return list(await self.connection.ask(call))

    async def diff(self, a: str, b: str) -> dict[str, Any]:
        """Give the inputs, parameters, versions and QC in which two products differ."""
        return dict(await self.connection.ask(product_calls.get_diff(a=a, b=b)))

    async def why(
        self, frame_id: str, category: str | None = None, ifu: int | None = None
    ) -> dict[str, Any]:
        """Give the choices, the reuse, and the differences to other versions."""
        whole = (await self.frame(frame_id)).frame_id
        found = await self.connection.ask(reason_calls.explain(frame_id=UUID(whole)))
        return dict(found) if category is None else of_category(found, category, ifu)

    # ------------------------------------------------------------ what people say
    async def flag(
        self,
        frame: Frame | str,
        *,
        is_valid: str | bool | None,
        reason: str,
        flags: Iterable[str] | str | None = None,
        expect: int | None = None,
    ) -> Frame:
        """Say whether a frame may be used; see `musewise.Session.flag`.

        Raises
        ------
        ConflictError
            Somebody said something since the frame was read.
        """
        from musewise._generated.catalog.models.validity_change import ValidityChange

        name, said = verdict(
            frame, is_valid=is_valid, reason=reason, flags=flags, expect=expect
        )
        call = quality_calls.change_validity(name, body=ValidityChange.from_dict(said))
        return Frame.model_validate(await self.connection.ask(call))

    async def history(self, frame_id: str) -> list[dict[str, Any]]:
        """Give what was said of a frame, oldest first."""
        return list(await self.connection.ask(quality_calls.get_validity(frame_id)))

    async def remark(
        self,
        frame_id: str,
        text: str,
        grade: str | None = None,
        view: str | None = None,
    ) -> dict[str, Any]:
        """Keep a comment on a frame; with a grade (A to D) it is an assessment."""
        from musewise._generated.catalog.models.remark_to_add import RemarkToAdd

        said = RemarkToAdd.from_dict({"text": text, "grade": grade, "view": view})
        call = quality_calls.add_remark(frame_id, body=said)
        return dict(await self.connection.ask(call))

    async def remarks(self, frame_id: str) -> list[dict[str, Any]]:
        """Give the comments and assessments of a frame, oldest first."""
        return list(await self.connection.ask(quality_calls.get_remarks(frame_id)))

    async def scores(self, frame_id: str) -> list[dict[str, Any]]:
        """Give QC values against limits: 0 good, 1 warning, 2 bad; newest limits first."""
        return list(await self.connection.ask(quality_calls.get_scores(frame_id)))

"""Asking the catalogue: frames, headers, QC values, sets, nights, refusals."""

import re
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from muse_catalog.models import (
    FileFilter,
    FileStatus,
    Frame,
    FrameFilter,
    FramePage,
    HeaderHdu,
    HeaderText,
    Night,
    QcRow,
    RefusalRecord,
    TemplateSet,
)
from muse_catalog.rules import (
    FrameAmbiguous,
    FrameIdInvalid,
    FrameNotFound,
    HduNotFound,
    QcDictionary,
    access_of,
)
from muse_catalog.store import FrameStore, IntakeStore, MakingStore, QcStored
from musecore.db import Database, Transaction
from musecore.fits import HduHeader, expand_headers
from musecore.identity import Principal
from musecore.muse.schema import MuseModel

__all__ = ["Queries", "find_frame"]

_ID = re.compile(r"[0-9a-f]{8,32}")
_CANDIDATES = 10


async def find_frame(tx: Transaction, caller: Principal, text: str) -> Frame:
    """Give the frame whose id begins with `text`.

    Raises
    ------
    FrameIdInvalid
        `text` is shorter than 8 hexadecimal digits, or none.
    FrameNotFound, FrameAmbiguous
    """
    digits = text.replace("-", "").lower()
    if not _ID.fullmatch(digits):
        raise FrameIdInvalid(
            f"{text!r} is no frame id.",
            hint="Give the id of a frame, or at least its first 8 digits.",
        )
    first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
    found = await FrameStore(tx).between(
        first, last, access_of(caller), _CANDIDATES + 1
    )
    if not found:
        raise FrameNotFound(
            f"There is no frame {text}.", hint="musewise ls shows what there is."
        )
    if len(found) > 1:
        shown = [f"{one.frame_id} ({one.tag})" for one in found[:_CANDIDATES]]
        more = " and more" if len(found) > _CANDIDATES else ""
        raise FrameAmbiguous(
            f"Several frames have ids that begin with {text}: "
            f"{', '.join(shown)}{more}.",
            hint="Give more digits of the id.",
        )
    return found[0]


class Queries:
    """Answers questions, each within what the caller may know of."""

    def __init__(self, database: Database, model: MuseModel) -> None:
        self._database = database
        self._qc = QcDictionary(model)

    async def frames(
        self, caller: Principal, wanted: FrameFilter, *, limit: int, after: UUID | None
    ) -> FramePage:
        """Give a page of frames in the order of their ids."""
        async with self._database.begin() as tx:
            found = await FrameStore(tx).page(
                wanted, access_of(caller), limit=limit + 1, after=after
            )
        items = found[:limit]
        more = len(found) > limit
        return FramePage(items=items, next=items[-1].frame_id if more else None)

    async def frame(self, caller: Principal, frame_id: str) -> Frame:
        """Give one frame by its id or the beginning of it; see `find_frame`."""
        async with self._database.begin() as tx:
            return await find_frame(tx, caller, frame_id)

    async def header(
        self, caller: Principal, frame_id: str, hdu: int | None
    ) -> HeaderText:
        """Give the header of a frame's file, all HDUs or one.

        Raises
        ------
        FrameNotFound, FrameAmbiguous, HduNotFound
        """
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            given = await FrameStore(tx).given(frame.file_id)
            if given:
                cards = [(keyword, value, "") for keyword, value in given.items()]
                return HeaderText(hdus=[HeaderHdu(index=0, extname="", cards=cards)])
            hdus = await _hdus(tx, frame, hdu)
        return HeaderText(
            hdus=[
                HeaderHdu(index=one.index, extname=one.extname, cards=_cards(one))
                for one in hdus
            ]
        )

    async def header_text(
        self, caller: Principal, frame_id: str, hdu: int | None
    ) -> str:
        """Give the header as text: 80 columns a line, END and an empty line per HDU."""
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            hdus = await _hdus(tx, frame, hdu)
        return "\n".join(_text(one) for one in hdus)

    async def qc(self, caller: Principal, frame_id: str) -> list[QcRow]:
        """Give the QC values of a product, in the order of its header."""
        async with self._database.begin() as tx:
            frame = await find_frame(tx, caller, frame_id)
            stored = await MakingStore(tx).qc(frame.frame_id)
        return [self._qc_row(frame.recipe, one) for one in stored]

    def _qc_row(self, recipe: str | None, stored: QcStored) -> QcRow:
        name, ifu, value, text, unit = stored
        key = self._qc.find(recipe, name)
        shown: float | int | str | None = text if value is None else value
        if key is not None and key.type == "int" and value is not None:
            shown = int(value)
        return QcRow(
            name=name,
            ifu=ifu,
            value=shown,
            unit=unit if key is None or key.unit is None else key.unit,
            meaning=None if key is None else key.doc,
        )

    async def sets(self, caller: Principal, wanted: FileFilter) -> list[TemplateSet]:
        """Give the template sets, oldest first."""
        async with self._database.begin() as tx:
            return await FrameStore(tx).sets(wanted, access_of(caller))

    async def nights(self, caller: Principal) -> list[Night]:
        """Count files by night and class, newest night first."""
        async with self._database.begin() as tx:
            return await FrameStore(tx).nights(access_of(caller))

    async def refusals(
        self, caller: Principal, *, since: datetime | None, filename: str | None
    ) -> list[RefusalRecord]:
        """Give what was refused, newest first, 1000 at most."""
        async with self._database.begin() as tx:
            return await IntakeStore(tx).refusals(
                access_of(caller), since=since, filename=filename, limit=1000
            )

    async def statuses(
        self, caller: Principal, file_ids: Sequence[UUID]
    ) -> list[FileStatus]:
        """Say what the catalogue has made of stored files."""
        async with self._database.begin() as tx:
            twins = await IntakeStore(tx).twins(file_ids)
            known = [twins.get(file_id, file_id) for file_id in file_ids]
            frames = await FrameStore(tx).frames_of(known, access_of(caller))
            refused = await IntakeStore(tx).refused(file_ids, access_of(caller))
            seen = [frame.file_id for frame in frames]
            before = await IntakeStore(tx).delivered_before(seen)
        by_file: dict[UUID, list[Frame]] = {}
        for frame in frames:
            by_file.setdefault(frame.file_id, []).append(frame)
        return [
            _status(file_id, by_file.get(one), refused.get(file_id), before.get(one))
            for file_id, one in zip(file_ids, known, strict=True)
        ]


def _status(
    file_id: UUID,
    frames: list[Frame] | None,
    refusal: RefusalRecord | None,
    before: UUID | None,
) -> FileStatus:
    if refusal is not None and not frames:
        detail = " ".join(filter(None, (refusal.detail, refusal.hint)))
        return FileStatus(
            file_id=file_id,
            state="refused",
            tag=None,
            frames=[],
            code=refusal.code,
            detail=detail,
        )
    return FileStatus(
        file_id=file_id,
        state="registered" if frames else "pending",
        tag=frames[0].tag if frames else None,
        frames=[frame.frame_id for frame in frames or ()],
        code=None,
        detail=None if before is None else _again(before),
    )


def _again(before: UUID) -> str:
    return (
        f"The exposure was here before with other content ({str(before)[:23]}): plans "
        "use the file that was delivered last."
    )


async def _hdus(tx: Transaction, frame: Frame, hdu: int | None) -> list[HduHeader]:
    packed = await FrameStore(tx).packed_header(frame.file_id)
    hdus = [] if packed is None else expand_headers(packed)
    if hdu is None:
        return hdus
    if not 0 <= hdu < len(hdus):
        raise HduNotFound(
            f"{frame.filename} has no HDU {hdu}.",
            hint=f"It has the HDUs 0 to {len(hdus) - 1}.",
        )
    return [hdus[hdu]]


def _cards(hdu: HduHeader) -> list[tuple[str, object, str]]:
    return [
        (
            card.keyword,
            str(card.value) if isinstance(card.value, complex) else card.value,
            card.comment,
        )
        for card in hdu.header.cards
    ]


def _text(hdu: HduHeader) -> str:
    text = hdu.cards_text
    lines = [text[at : at + 80] for at in range(0, len(text), 80)]
    return "\n".join([*lines, "END".ljust(80), ""])

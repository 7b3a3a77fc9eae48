"""References of products made elsewhere, and the files that they mean."""

from collections.abc import Sequence

from muse_catalog.models import FileRecord
from muse_catalog.rules import References
from muse_catalog.service.reading import Draft
from muse_catalog.store import ReferenceStore
from musecore.db import Transaction
from musecore.muse.schema import MuseModel

__all__ = ["Matcher"]


class Matcher:
    """Keeps what headers tell of the making, and finds the files that they name.

    A file is meant where it is of the product's project, or a static.
    """

    def __init__(self, model: MuseModel) -> None:
        self._references = References(model)

    async def match(self, tx: Transaction, drafts: Sequence[Draft]) -> None:
        """Match what was just added with what waits for it, and with what is here.

        To be called last in a transaction: it takes the turns in which a product that
        names a file and the file itself cannot miss each other.
        """
        store = ReferenceStore(tx)
        histories = [draft.history for draft in drafts if draft.history]
        files = [draft.file for draft in drafts]
        offers = [(key, file) for file in files for key in self._offered(file)]
        if not offers and not histories:
            return
        await store.take_turns(alone=bool(histories))
        await store.heal(offers)
        told = [run for history in histories for run in history]
        await store.add(told)
        keys = {one.match_key for _, inputs in told for one in inputs}
        wanted = {key for key in keys if key is not None}
        found = await store.files_like(wanted) if wanted else []
        here = [(key, file) for file in found for key in self._offered(file)]
        await store.heal([one for one in here if one[0] in wanted])

    def _offered(self, file: FileRecord) -> list[str]:
        return self._references.keys_offered(file)

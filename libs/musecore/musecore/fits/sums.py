"""DATASUM and CHECKSUM of HDUs, where they have them (FITS 4.0, appendix J)."""

from dataclasses import dataclass

from musecore.fits.layout import HduHeader, text_card

__all__ = ["SumCheck"]

_MODULUS = 0xFFFFFFFF  # ones' complement sums of 32-bit words are sums modulo this


class SumCheck:
    """Compares the sums that headers give with those of a file that passes by.

    An HDU without the cards costs nothing and is never wrong.
    """

    def __init__(self) -> None:
        self._wrong: list[str] = []
        self._open: _Hdu | None = None

    def begin(self, hdu: HduHeader, header: bytes) -> None:
        """End the HDU before, and begin one with its header, padding included."""
        self.end()
        block = header.rstrip(b" ")
        datasum, checksum = (text_card(block, one) for one in (b"DATASUM", b"CHECKSUM"))
        if datasum.strip() or checksum.strip():
            name = hdu.extname or f"HDU {hdu.index}"
            self._open = _Hdu(name, datasum.strip(), bool(checksum.strip()), header)

    def add_data(self, data: memoryview) -> None:
        """Take bytes of data or of their padding."""
        if self._open is not None:
            self._open.add(data)

    def end(self) -> tuple[str, ...]:
        """Give the HDUs that are not what their sums say, by EXTNAME or number."""
        if self._open is not None and self._open.is_wrong:
            self._wrong.append(self._open.name)
        self._open = None
        return tuple(self._wrong)


@dataclass
class _Hdu:
    name: str
    datasum: str
    has_checksum: bool
    header: bytes
    total: int = 0
    rest: bytes = b""

    def add(self, data: memoryview) -> None:
        if self.rest:
            data = memoryview(self.rest + bytes(data))
        words = len(data) // 4 * 4
        self.total += _sum(data[:words])
        self.rest = bytes(data[words:])

    @property
    def is_wrong(self) -> bool:
        of_data = self.total % _MODULUS
        said = int(self.datasum) if self.datasum.isdigit() else -1
        if self.datasum and (said < 0 or said % _MODULUS != of_data):
            return True
        return self.has_checksum and (of_data + _sum(self.header)) % _MODULUS != 0


def _sum(words: bytes | memoryview) -> int:
    # Loaded where sums are to be compared: most files have none.
    import numpy as np

    return int(np.frombuffer(words, ">u4").sum(dtype="u8"))

"""Addresses of notices: ``mailto:`` and ``https://``, and which are allowed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urlsplit

from musecore.errors import Refused

MOST = 10
_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
_LONGEST = 2000
_PORTS = {"https": 443, "http": 80}


class AddressRefused(Refused):
    """A notice cannot go to this address."""

    code = "address_refused"


@dataclass(frozen=True)
class Addresses:
    """Where notices may go, and where those of all jobs do.

    Attributes
    ----------
    standing
        Addresses that hear of every job.
    hosts
        ``host`` (port 443 or 80) or ``host:port`` of the webhooks that are allowed.
    mail
        Whether this server sends e-mail.
    """

    standing: tuple[str, ...] = ()
    hosts: frozenset[str] = field(default_factory=frozenset)
    mail: bool = False

    def of(self, asked: Iterable[str]) -> list[str]:
        """Give the addresses of a job, each once."""
        return list(dict.fromkeys((*asked, *self.standing)))

    def check(self, addresses: Iterable[str]) -> None:
        """Refuse what is no address, and what is not allowed.

        Raises
        ------
        AddressRefused
        """
        asked = list(addresses)
        if len(asked) > MOST:
            raise _refused(
                f"{len(asked)} addresses are too many.", f"At most {MOST} per job."
            )
        for address in asked:
            if address.startswith("mailto:"):
                self._check_mail(address)
            else:
                self._check_hook(address)

    def _check_mail(self, address: str) -> None:
        if not _MAIL.fullmatch(address.removeprefix("mailto:")):
            raise _refused(
                f"{address!r} is no e-mail address.",
                "Write it as mailto:ada@example.org",
            )
        if not self.mail:
            raise _refused(
                f"Nothing can be sent to {address}: this server sends no e-mail.",
                "Whoever runs it sets smtp_url and mail_from.",
            )

    def _check_hook(self, address: str) -> None:
        parts = _split(address)
        port = parts.port or _PORTS[parts.scheme]
        names = {f"{parts.hostname}:{port}"}
        if port == _PORTS[parts.scheme]:
            names.add(str(parts.hostname))
        if not names & {host.lower() for host in self.hosts}:
            allowed = ", ".join(sorted(self.hosts)) or "none"
            raise _refused(
                f"No webhook may go to {parts.hostname}:{port}.",
                f"Allowed hosts (setting webhook_hosts): {allowed}.",
            )


def _split(address: str) -> SplitResult:
    """Take a webhook's address apart; what it holds besides its host is not said."""
    wrong = _refused(
        f"{masked(address)!r} is no address for notices.",
        "Write mailto:ada@example.org or https://hooks.example.org/path, without a user, "
        "a fragment or spaces.",
    )
    plain = address.isascii() and address.isprintable() and " " not in address
    if not plain or len(address) > _LONGEST:
        raise wrong
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise wrong from None
    bad = not parts.hostname or "@" in parts.netloc or parts.fragment or port == 0
    if parts.scheme not in _PORTS or bad or "\\" in address:
        raise wrong
    return parts


def masked(address: str) -> str:
    """Give an address as it may be shown: a webhook's path may be its secret."""
    if address.startswith("mailto:"):
        return address
    scheme, found, rest = address.partition("://")
    if not found:
        return "…"
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    return f"{scheme}://{host}/…"


def _refused(detail: str, hint: str) -> AddressRefused:
    return AddressRefused(detail, hint=hint, loc=("body", "notify"))

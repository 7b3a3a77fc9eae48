"""Settings of the scheduler; read by ``main`` only."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, SecretStr

from musecore.settings import MusewiseSettings


class SchedulerSettings(MusewiseSettings):
    """How the scheduler behaves; times in seconds, memory and room in bytes.

    ``slots`` counts the recipe slots in each pool where the workers do not announce
    what they have; at most ``window`` times as many tasks are queued or running.
    ``Policy`` says what the other numbers mean.
    """

    table: ClassVar[str] = "scheduler"

    slots: int = 2
    window: float = 2.0
    lease_s: float = 90.0
    requeue_after_s: float = 120.0
    backoff_s: float = 5.0
    backoff_max_s: float = 300.0
    infrastructure_tries: int = 5
    ageing_s: float = 300.0
    ageing_most: int = 250
    prefer_s: float = 30.0
    beat_s: float = 10.0
    worker_gone_s: float = 60.0
    cordon_after: int = 3
    settle_batch: int = 50
    full_storage_wait_s: float = 60.0
    min_free_bytes: int = 20_000_000_000
    trial_days: float = Field(default=7.0, ge=0.0)
    """How long the products of a trial are kept, in days; then they are removed."""

    tick_s: float = 1.0
    space_every_s: float = 15.0

    pipeline_version: str | None = None
    """Version of the pipeline that the workers run; none: that of recipes.yaml."""

    cpl_version: str = ""
    image_digest: str = ""

    storage_url: str | None = None
    """Where the storage gateway is: it tells the room in the store. None: products are
    never dropped for room. Needs client_id and client_secret."""

    notify_every_s: float = 10.0
    notify_tries: int = 12
    notify_backoff_s: float = 30.0
    notify_backoff_max_s: float = 3600.0

    notify: tuple[str, ...] = Field(
        default=(), examples=['["mailto:night-crew@example.org"]']
    )
    """Addresses that hear what becomes of every job, beside those of the job itself."""

    smtp_url: SecretStr | None = Field(
        default=None, examples=["smtps://musewise:SECRET@mail.example.org:465"]
    )
    """The mail server, smtp(s)://user:password@host:port; none: no e-mail is sent. A
    password goes over TLS only (smtps, or smtp with STARTTLS). Needs mail_from."""

    mail_from: str | None = Field(default=None, examples=["musewise@example.org"])
    """The sender of e-mail."""

    webhook_hosts: tuple[str, ...] = Field(
        default=(), examples=['["hooks.example.org", "hub.example.org:8443"]']
    )
    """Hosts that webhooks may go to; without a port: its usual one. Needs
    webhook_secret."""

    webhook_secret: SecretStr | None = Field(default=None, examples=["SECRET"])
    """Signs what is sent to webhooks (HMAC-SHA256)."""

    webhook_timeout_s: float = Field(default=10.0, gt=0.0)
    """How long a webhook may take to answer."""

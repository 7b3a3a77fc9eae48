"""Settings come from the environment, and secrets do not show."""

import pytest

from musecore.settings import MusewiseSettings


class LampSettings(MusewiseSettings):
    voltage: float = 12.0


def test_settings_are_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MUSEWISE_DATABASE_URL", "postgresql://a:secret@host/b")
    monkeypatch.setenv("MUSEWISE_VOLTAGE", "24")
    settings = LampSettings()
    assert settings.voltage == 24.0
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://a:secret@host/b"
    assert "secret" not in repr(settings)
    assert settings.broker_url is None

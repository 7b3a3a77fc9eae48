"""Settings come from environment and file, and secrets do not show."""

from pathlib import Path
from typing import ClassVar

import pytest
from pydantic import SecretStr

from musecore.settings import MusewiseSettings, SettingInvalid, SettingMissing


class LampSettings(MusewiseSettings):
    table: ClassVar[str] = "worker"

    voltage: float = 12.0
    bulb_key: SecretStr | None = None


def written(folder: Path, text: str) -> Path:
    path = folder / "musewise.toml"
    path.write_text(text)
    return path


def test_settings_are_read_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MUSEWISE_DATABASE_URL", "postgresql://a:hunter2@host/b")
    monkeypatch.setenv("MUSEWISE_VOLTAGE", "24")
    settings = LampSettings.load()
    assert settings.voltage == 24.0
    assert settings.need("database_url") == "postgresql://a:hunter2@host/b"
    assert "hunter2" not in repr(settings)
    assert settings.broker_url is None


def test_the_more_particular_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = written(
        tmp_path,
        'log_level = "DEBUG"\nissuer = "hub"\nport = 1\n'
        '[worker]\nissuer = "site"\nport = 2\nvoltage = 5\n[catalog]\nport = 9\n',
    )
    monkeypatch.setenv("MUSEWISE_PORT", "3")
    monkeypatch.setenv("MUSEWISE_CONFIG", str(config))
    settings = LampSettings.load()
    assert (settings.log_level, settings.issuer, settings.voltage) == (
        "DEBUG",
        "site",
        5.0,
    )
    assert settings.port == 3
    assert LampSettings.load(port=4, host=None).port == 4


def test_secrets_are_read_from_files_that_environment_or_file_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "bulb").write_text("shine\n")
    (tmp_path / "mq").write_text("amqp://u:p@h/\n")
    config = written(tmp_path, '[worker]\nbulb_key_file = "bulb"\n')
    monkeypatch.setenv("MUSEWISE_BROKER_URL_FILE", str(tmp_path / "mq"))
    settings = LampSettings.load(config)
    assert settings.need("bulb_key") == "shine"
    assert settings.need("broker_url") == "amqp://u:p@h/"


@pytest.mark.parametrize(
    ("text", "said", "remedy"),
    [
        ("[worker]\nvoltige = 3\n", "[worker]", "'voltage'"),
        ('databse_url = "x"\n', "at the top", "'database_url'"),
        ("[sheduler]\nslots = 3\n", "no table 'sheduler'", "'scheduler'"),
        ("voltage = 3\n", "no shared setting 'voltage'", ""),
    ],
)
def test_an_unknown_name_in_the_file_is_refused_with_the_nearest_right_one(
    tmp_path: Path, text: str, said: str, remedy: str
) -> None:
    with pytest.raises(SettingInvalid) as caught:
        LampSettings.load(written(tmp_path, text))
    assert said in caught.value.detail
    assert remedy in (caught.value.hint or "")


def test_a_bad_value_is_refused_by_its_name_and_does_not_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MUSEWISE_VOLTAGE", "hunter2")
    with pytest.raises(SettingInvalid) as caught:
        LampSettings.load()
    assert "MUSEWISE_VOLTAGE" in caught.value.detail
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize("text", ["a = = 1", None])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, text: str | None) -> None:
    path = tmp_path / "none.toml" if text is None else written(tmp_path, text)
    with pytest.raises(SettingInvalid, match=path.name):
        LampSettings.load(path)


def test_a_missing_setting_is_named_with_an_example() -> None:
    with pytest.raises(SettingMissing) as caught:
        LampSettings.load().need("broker_url")
    said = str(caught.value)
    assert "MUSEWISE_BROKER_URL_FILE" in said
    assert '[worker] broker_url = "amqp://' in said


def test_a_secret_that_is_not_needed_need_not_be_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "musewise.toml"
    path.write_text('client_secret_file = "not-yet"\n')
    loaded = MusewiseSettings.load(path, secrets=["database_url"])
    assert loaded.client_secret is None
    with pytest.raises(SettingInvalid, match="not-yet"):
        MusewiseSettings.load(path)

"""Golden files: what is long is compared with a file under version control."""

from pathlib import Path

__all__ = ["assert_golden"]


def assert_golden(path: Path, text: str, *, update: bool) -> None:
    """Compare a text with a golden file.

    Parameters
    ----------
    update
        Write the file instead (``pytest --update``, fixture ``update_golden``).
    """
    if update:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert path.exists(), f"{path} is missing; run pytest with --update and look at it."
    assert text == path.read_text(), f"{path} differs; if that is right, use --update."

"""What all tests share: a private PostgreSQL, golden files (``musecore.testing``)."""

pytest_plugins = ["musecore.testing.fixtures"]

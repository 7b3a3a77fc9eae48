"""Commands of ``musewise-server``, one module per topic."""

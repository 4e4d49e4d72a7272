"""How many examples the tests of properties try: fifty while somebody waits, several hundred in ``make test-all``.

A test that says a number of its own needs no more, or is quick enough for more.
"""

from __future__ import annotations

import signal

import pytest
from hypothesis import settings

# No example is given a deadline: tests measure no time (python -m benchmarks.waiting does).
settings.register_profile("fast", max_examples=50, deadline=None)
settings.register_profile("thorough", max_examples=400, deadline=None)


def pytest_configure(config: pytest.Config) -> None:
    """Take the fast profile unless another is asked for with ``--hypothesis-profile``; let Ctrl-C be heard."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # Whoever starts the tests in the background of a shell has them ignore it, and all that they start.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    settings.load_profile(config.getoption("--hypothesis-profile", default=None) or "fast")

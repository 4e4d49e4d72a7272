"""The door: ``python cli.py run hello`` is ``doubletick run hello``."""

from __future__ import annotations

import sys

from sim.commands import console

if __name__ == "__main__":
    sys.exit(console())

"""The door: ``python cli.py run hello`` is ``doubletick run hello``."""

from __future__ import annotations

import sys

from sim.commands import main

if __name__ == "__main__":
    sys.exit(main())

"""How a command's document leaves it: as JSON in a file or on stdout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ..results import exit_codes
from ..results.atomic import json_text, write_text
from .terminal import Terminal


def write_document(terminal: Terminal, json_file: str | None, document: dict[str, Any], code: int) -> int:
    """Write it where it was asked for, and return the exit code: the worse of ``code`` and not having written."""
    if json_file == "-":
        terminal.json(json_text(document))
    elif json_file is not None:
        try:
            write_text(Path(json_file), json_text(document))
        except OSError as error:
            terminal.note(f"{json_file} could not be written: {error.strerror or error}")
            code = exit_codes.worst((code, exit_codes.NOT_WRITTEN))
    return exit_codes.worst((code, exit_codes.NOT_WRITTEN)) if terminal.failed else code

"""What is wrong with a workload, said so that a person can put it right."""

from __future__ import annotations


class WorkloadError(ValueError):
    """A workload that cannot be played: where (file, line, column), what, and what to do about it.

    ``line`` counts from 1 with the header; 0 means the whole file. ``column`` is a column's name, or empty;
    ``position`` is where its field begins in the line, from 1, and 0 where that is not known. ``excerpt`` is the line.
    """

    def __init__(
        self,
        what: str,
        *,
        file: str = "",
        line: int = 0,
        column: str = "",
        hint: str = "",
        position: int = 0,
        excerpt: str = "",
    ) -> None:
        self.what = what
        self.file = file
        self.line = line
        self.column = column
        self.hint = hint
        self.position = position
        self.excerpt = excerpt
        place = f"{file}:{line}" if file and line else file
        place += f":{position}" if file and line and position else ""
        parts = [part for part in (place, f"column {column!r}" if column else "") if part]
        super().__init__(": ".join([*parts, what]) + (f" ({hint})" if hint else ""))

    def __reduce__(self) -> tuple[object, ...]:
        """Cross process borders whole: an exception is otherwise rebuilt from its message alone."""
        return _rebuild, (self.what, self.file, self.line, self.column, self.hint, self.position, self.excerpt)


def _rebuild(what: str, file: str, line: int, column: str, hint: str, position: int, excerpt: str) -> WorkloadError:
    return WorkloadError(what, file=file, line=line, column=column, hint=hint, position=position, excerpt=excerpt)


def did_you_mean(word: str, known: list[str]) -> str:
    """A hint that names the nearest known word, or all of them when none is near."""
    from difflib import get_close_matches  # only on the way out with an error

    near = get_close_matches(word.lower(), [name.lower() for name in known], n=1)
    for name in known:
        if near and name.lower() == near[0]:
            return f"did you mean {name!r}?"
    return "there are: " + ", ".join(repr(name) for name in known)

"""From a source to nodes with positions, within limits, never deeper than the limit and never expanding an alias.

ruamel.yaml scans and parses; its stream of events is taken one by one, so a document that nests too deeply or an
alias that would explode is refused while it is still text. No tag is honoured and no object is ever constructed.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml import events as yaml_events
from ruamel.yaml.error import MarkedYAMLError

from .errors import Problem, ScenarioError, shortened
from .nodes import Entry, Mapping, Mark, Node, Scalar, Sequence, Source
from .plain_values import resolve
from .raw_limits import holds_controls, place_after

MOST_DEPTH: Final = 32
MOST_NODES: Final = 10_000

_LONG_ESCAPE: Final = re.compile(r"\\U([0-9a-fA-F]{8})")
_BARE_TUPLE: Final = re.compile(r"\(('<[^']*>'),\)")
"""How the parser writes down the one token that it met."""
_SYNTAX_HINTS: Final = (
    ("mapping values are not allowed", "a ': ' inside a text needs quotes around the text"),
    ("'\\t'", "indent with spaces, not tabs"),
    ("'%'", "put quotes around it"),
    ("'@'", "put quotes around it"),
    ("'`'", "put quotes around it"),
    ("expected ',' or '}'", "is a '}' or a ',' missing?"),
    ("expected ',' or ']'", "is a ']' or a ',' missing?"),
    ("expected <block end>", "is the indentation right?"),
)


def compose(source: Source) -> tuple[Mapping, list[Problem]]:
    """The document's mapping, and the problems that did not stop the reading (repeated keys).

    Raises ``ScenarioError`` for what does: bad YAML, an empty file, several documents, tags, broken limits.
    """
    composer = _Composer(source)
    root = composer.document()
    if root is None or (isinstance(root, Scalar) and root.value is None):
        raise ScenarioError([Problem(source.name, 1, 1, "", "the file is empty", "start with 'schema: doubletick/1'")])
    if not isinstance(root, Mapping):
        what = "a list" if isinstance(root, Sequence) else f"the value {shortened(root.text)}"
        message = f"a scenario is a mapping of keys to values, this is {what}"
        raise ScenarioError([root.mark.problem("", message)])
    return root, composer.problems


def compose_value(source: Source) -> tuple[Node, list[Problem]]:
    """Any one value, as ``--set`` takes it; an empty text is null. Raises as ``compose`` does."""
    composer = _Composer(source)
    root = composer.document()
    if root is None:
        root = Scalar(Mark(source, source.first_line, len(source.text) + 1), "", None)
    return root, composer.problems


@dataclass(slots=True)
class _Frame:
    """A collection that is being read."""

    node: Mapping | Sequence
    anchor: str | None
    count_before: int
    height: int = 1
    key: Scalar | None = None


@dataclass(slots=True)
class _Anchored:
    """What an alias stands for: the node, how many nodes it expands to, how many levels it has."""

    node: Node
    size: int
    height: int


class _Composer:
    """Builds nodes from events with a stack of its own, so no input can exhaust Python's."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []
        self.frames: list[_Frame] = []
        self.anchors: dict[str, _Anchored] = {}
        self.count = 0
        self.root: Node | None = None

    def document(self) -> Node | None:
        """Read the one document of the source."""
        documents = 0
        for event in self._events():
            if isinstance(event, yaml_events.DocumentStartEvent):
                documents += 1
                self._check_start(event, documents)
            elif isinstance(event, yaml_events.AliasEvent):
                self._alias(event)
            elif isinstance(event, yaml_events.ScalarEvent):
                self._scalar(event)
            elif isinstance(event, yaml_events.CollectionStartEvent):
                self._open(event)
            elif isinstance(event, yaml_events.CollectionEndEvent):
                self._close()
        return self.root

    def _events(self) -> Iterator[Any]:
        mark = Mark(self.source, self.source.first_line, 1)
        read = 0
        try:
            for event in YAML(typ="safe", pure=True).parse(self.source.text):
                mark, read = self._mark(event.end_mark), event.end_mark.index
                yield event
        except MarkedYAMLError as problem:
            raise ScenarioError([*self.problems, self._syntax(problem)]) from None
        except Exception as problem:
            # The parser trips over some inputs with Python's own errors.
            raise ScenarioError([*self.problems, self._tripped(problem, mark, read)]) from None

    def _tripped(self, problem: Exception, mark: Mark, read: int) -> Problem:
        """Over an escape such as "\\UFFFFFFFF", or over what nobody knows; ``read`` characters were read before it."""
        for escape in _LONG_ESCAPE.finditer(self.source.text, read):
            if int(escape[1], 16) > sys.maxunicode:
                line, column = place_after(self.source.text[: escape.start()])
                mark = Mark(self.source, line + self.source.first_line - 1, column)
                return mark.problem("", f"the escape {escape[0]} stands for no character", "write the character itself")
        last = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        return mark.problem("", f"not readable as YAML: {last}")

    def _syntax(self, problem: MarkedYAMLError) -> Problem:
        said = " ".join(_BARE_TUPLE.sub(r"\1", str(problem.problem or problem.context or "")).split())
        where = problem.problem_mark or problem.context_mark
        mark = Mark(self.source, self.source.first_line, 1) if where is None else self._mark(where)
        hint = next((hint for sign, hint in _SYNTAX_HINTS if sign in said), "")
        if "<document start>" in said:
            lines = self.source.lines[: mark.line - self.source.first_line + 1]
            line = next((number for number, text in enumerate(lines) if text.startswith("%")), None)
            if line is not None:
                mark = Mark(self.source, line + self.source.first_line, 1)
                said, hint = "a line that begins with '%' is a directive, and no document follows", "remove the line"
        return mark.problem("", f"not readable as YAML: {said}", hint)

    def _mark(self, mark: Any) -> Mark:
        return Mark(self.source, mark.line + self.source.first_line, mark.column + 1)

    def _stop(self, mark: Mark, message: str, hint: str = "") -> ScenarioError:
        return ScenarioError([*self.problems, mark.problem(self._path(), message, hint)])

    def _path(self) -> str:
        parts = []
        for frame in self.frames:
            if isinstance(frame.node, Sequence):
                parts.append(str(len(frame.node.items)))
            elif frame.key is not None:
                parts.append(frame.key.text)
        return ".".join(parts[:8])

    def _check_start(self, event: Any, documents: int) -> None:
        mark = self._mark(event.start_mark)
        if documents > 1:
            raise self._stop(mark, "a second document begins here", "one scenario to a file")
        if event.version is not None and tuple(event.version) != (1, 2):
            raise self._stop(mark, "the file says that it is not YAML 1.2", "remove the %YAML line")

    def _refuse_tag(self, event: Any) -> None:
        if event.tag is not None:
            message = f"the tag {shortened(event.tag)} is refused: values are plain"
            raise self._stop(self._mark(event.start_mark), message, "leave it out")

    def _counted(self, mark: Mark, nodes: int) -> None:
        self.count += nodes
        if self.count > MOST_NODES:
            raise self._stop(mark, f"more than {MOST_NODES:,} values, aliases counted as often as they are used")

    def _alias(self, event: Any) -> None:
        mark = self._mark(event.start_mark)
        anchored = self.anchors.get(event.anchor)
        if anchored is None:
            inside = any(frame.anchor == event.anchor for frame in self.frames)
            message = "contains itself" if inside else "names no anchor before it"
            raise self._stop(mark, f"the alias {shortened(event.anchor)} {message}")
        if len(self.frames) + anchored.height > MOST_DEPTH:
            raise self._stop(mark, f"nested more than {MOST_DEPTH} levels deep")
        self._counted(mark, anchored.size)
        self._attach(anchored.node, anchored.height, mark)

    def _scalar(self, event: Any) -> None:
        mark = self._mark(event.start_mark)
        self._refuse_tag(event)
        self._counted(mark, 1)
        if holds_controls(event.value):
            raise self._stop(mark, "holds an escape for a character that is no text")
        bare = event.style in (None, "")
        node = Scalar(mark, event.value, resolve(event.value) if bare else event.value)
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchored(node, 1, 0)
        self._attach(node, 0, mark)

    def _open(self, event: Any) -> None:
        mark = self._mark(event.start_mark)
        self._refuse_tag(event)
        if len(self.frames) >= MOST_DEPTH:
            raise self._stop(mark, f"nested more than {MOST_DEPTH} levels deep")
        node = Mapping(mark) if isinstance(event, yaml_events.MappingStartEvent) else Sequence(mark)
        if event.anchor is not None:
            # An anchor that is given again hides the one before it, also inside itself.
            self.anchors.pop(event.anchor, None)
        self.frames.append(_Frame(node, event.anchor, self.count))
        self._counted(mark, 1)

    def _close(self) -> None:
        frame = self.frames.pop()
        if frame.anchor is not None:
            self.anchors[frame.anchor] = _Anchored(frame.node, self.count - frame.count_before, frame.height)
        self._attach(frame.node, frame.height, frame.node.mark)

    def _attach(self, node: Node, height: int, mark: Mark) -> None:
        if not self.frames:
            self.root = node
            return
        frame = self.frames[-1]
        frame.height = max(frame.height, height + 1)
        if isinstance(frame.node, Sequence):
            frame.node.items.append(node)
        elif frame.key is None:
            frame.key = self._key(node, mark)
        else:
            self._enter(frame.node, frame.key, node)
            frame.key = None

    def _key(self, node: Node, mark: Mark) -> Scalar:
        if not isinstance(node, Scalar):
            raise self._stop(mark, "a key must be a word, not a list or a mapping")
        return Scalar(mark, node.text, node.text)

    def _enter(self, mapping: Mapping, key: Scalar, node: Node) -> None:
        before = mapping.entries.get(key.text)
        if before is not None:
            parents = ".".join(filter(None, (self._path_above(), key.text)))
            message = f"the key {shortened(key.text)} was given before, on line {before.mark.line}"
            self.problems.append(key.mark.problem(parents, message))
            return
        if isinstance(node, Scalar) and node.value is None and not node.text:
            # A value that was left out stands, for the parser, on some line below.
            node.mark = key.mark
        mapping.entries[key.text] = Entry(key.mark, node)

    def _path_above(self) -> str:
        frame = self.frames[-1]
        key, frame.key = frame.key, None
        path = self._path()
        frame.key = key
        return path

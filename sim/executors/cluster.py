"""A Dask cluster by its address: the same tasks give the same answers as on this machine's cores.

A task is a pure function of what it is given, so the scheduler may play it again elsewhere when a worker dies; that
changes no answer. A task whose workers keep dying is reported lost. Needs the extra ``dist``.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from ..results.origin import Commit, commit
from .local import Done, call

Task = TypeVar("Task")
Answer = TypeVar("Answer")

_PATIENCE_S: Final = 20


class ClusterError(ValueError):
    """A cluster that cannot be used; says why and what to do."""


class Cluster:
    """A connection to a Dask scheduler."""

    def __init__(self, address: str) -> None:
        try:
            self._dask: Any = importlib.import_module("distributed")
        except ImportError:
            raise ClusterError("a cluster needs Dask: pip install 'doubletick[dist]'") from None
        try:
            self._client = self._dask.Client(address, timeout=_PATIENCE_S, set_as_default=False)
            self._client.wait_for_workers(1, timeout=_PATIENCE_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise ClusterError(f"no cluster with a worker at {address}: {error}") from None
        self._refuse_other_code(address)

    @property
    def workers(self) -> int:
        """How many tasks are played at the same time."""
        return max(1, sum(map(int, self._client.nthreads().values())))

    def stream(self, function: Callable[[Task], Answer], tasks: Sequence[Task]) -> Iterator[Done[Answer]]:
        """Call a module-level function for every task and yield what is done, as it is done. Closing the generator, or
        Ctrl-C, takes back what has not begun."""
        futures = {
            self._client.submit(call, function, index, task, pure=False): index for index, task in enumerate(tasks)
        }
        try:
            for future in self._dask.as_completed(list(futures), loop=self._client.loop):
                index = futures.pop(future)
                if future.status == "finished":
                    yield future.result()
                else:
                    yield Done(index, lost=True)
                future.release()
        finally:
            if futures:
                self._client.cancel(list(futures))

    def close(self) -> None:
        """Leave the cluster as it was found."""
        self._client.close()

    def _refuse_other_code(self, address: str) -> None:
        """Workers with other code would give other answers."""
        here = commit()
        for worker, there in sorted(self._client.run(commit).items()):
            if here.name and there.name and Commit(*there) != here:
                self.close()
                raise ClusterError(f"the worker {worker} of {address} has the code of {Commit(*there)}, this is {here}")

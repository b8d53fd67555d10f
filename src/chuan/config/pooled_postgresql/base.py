"""Where Django looks for the database (`ENGINE`)."""

from __future__ import annotations

from collections import deque
from typing import Any, ClassVar

from django.db.backends.base.base import NO_DB_ALIAS
from django.db.backends.postgresql import base
from psycopg import Connection
from psycopg_pool import ConnectionPool


class _LastFirst(deque[Any]):
    """Whoever takes from the left gets what was put in last, or, for once, what was put in first."""

    is_first_wanted = False

    def append(self, one: Any) -> None:
        self.appendleft(one)

    def popleft(self) -> Any:
        return self.pop() if self.is_first_wanted else super().popleft()


class WarmPool(ConnectionPool[Connection[Any]]):
    """A pool that hands out the connection that came back last.

    Each process of PostgreSQL keeps plans and what it knows of tables for itself. psycopg_pool hands
    connections out in turn: once sixteen are open, somebody who asks alone meets a cold one each time.
    """

    _pool: _LastFirst

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, open=False)
        self._pool = _LastFirst()

    def _shrink_pool(self) -> None:
        """Close the one that rested longest, where one may be closed."""
        # The only one that shrinks takes from the left; whoever asks meanwhile may get a cold one once.
        self._pool.is_first_wanted = True
        try:
            super()._shrink_pool()
        finally:
            self._pool.is_first_wanted = False


class DatabaseWrapper(base.DatabaseWrapper):
    # Where Django keeps its own.
    _connection_pools: ClassVar[dict[str, WarmPool]] = {}

    @property
    def pool(self) -> WarmPool | None:
        options = self.settings_dict["OPTIONS"].get("pool")
        if self.alias == NO_DB_ALIAS or not options:
            return None
        if self.alias not in self._connection_pools:
            pool = WarmPool(
                kwargs={**self.get_connection_params(), "autocommit": True},
                configure=self._configure_connection,  # type: ignore[attr-defined]
                **options,
            )
            # Two threads may come here at once: the first one's holds.
            self._connection_pools.setdefault(self.alias, pool)
        return self._connection_pools[self.alias]

"""The two architectures: where a message is durable first."""

from __future__ import annotations

from typing import Final

STORE_THEN_INBOX: Final = "store_then_inbox"
"""The conversation's log in the message store is durable first, and fans out."""
UPDATE_QUEUE: Final = "update_queue"
"""A sequencer on a fast disk is durable first and feeds the users' queues; a long-term store follows (UQ-1, UQ-2)."""

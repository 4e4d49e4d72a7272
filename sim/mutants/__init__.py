"""Planted bugs: small subclasses of the protocol's machines that a checker must catch."""

from .planted import Planted

__all__ = ["Planted"]

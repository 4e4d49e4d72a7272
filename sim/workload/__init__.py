"""People: who writes what, when, to whom; drawn, replayed from a trace, or written out."""

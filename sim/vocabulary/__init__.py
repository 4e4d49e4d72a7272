"""The words everyone shares: ids, units, messages, records, kinds of history rows, points."""

"""The scenario file: what it may say, how it is loaded, and errors with positions."""

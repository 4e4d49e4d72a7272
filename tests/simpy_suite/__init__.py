"""SimPy's own test suite, run against our environment."""

"""One file per family of invariants, and the verdict. Checkers read the history and the scenario, nothing else."""

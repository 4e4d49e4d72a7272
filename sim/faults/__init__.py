"""The world's faults: one file per kind, the schedule that holds them, the nemesis that draws them."""

"""The world that SimPy runs: time, dice, links, disks, processors, hosts."""

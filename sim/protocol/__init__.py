"""The rules of DESIGN.md as state machines: standard library only, no clock, no dice, no SimPy.

A machine reacts to messages and timers, and acts through a narrow port, one call after the other. What it must not
forget is in its durable state, which only ``port.persist`` changes; what it holds in memory is only what is in flight.
"""

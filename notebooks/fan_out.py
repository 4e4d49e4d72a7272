# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # What a message to a large group costs
#
# Discord measured 30 to 70 microseconds for handing a message from one process to another. In a group of 30,000 sessions
# that is what counts: one hand-off for each of them, or one for each server, split there.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from sim import compare
from sim.planning import FanOut

plt.rcParams.update({"figure.figsize": (7, 2.6), "figure.dpi": 70, "axes.grid": True})

# %% [markdown]
# ## On paper

# %%
pd.DataFrame(
    {
        f"{hand_off} us a hand-off": {
            "sender busy, one by one": f"{group.naive_busy_s:.2f} s",
            "publishes a second at most": f"{group.naive_most_per_s:.2f}",
            "sender busy, a batch per server": f"{group.batched_busy_s * 1e3:.1f} ms",
            "copies over the network": "{:,} or {:,}".format(*group.copies),
        }
        for hand_off in (30, 70)
        for group in [FanOut(sessions=30_000, servers=20, hand_off_us=hand_off)]
    }
)

# %%
members = [100, 300, 1_000, 3_000, 10_000, 30_000]
figure, axes = plt.subplots()
axes.loglog(members, [FanOut(number, 20, 70).naive_busy_s for number in members], "o-", label="one by one")
axes.loglog(members, [FanOut(number, 20, 70).batched_busy_s for number in members], "o-", label="a batch per server")
axes.set(xlabel="members", ylabel="sender busy (s)")
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## Played
#
# `big_group_small` is the twin of `big_group` at 1 : 100: 300 members on 20 servers. The hand-off costs 70 us. Both variants
# play the whole protocol: the log, the inboxes, receipts gathered for every member.

# %%
found = compare("big_group_small", seeds="1..5", sets=["network.hand_off=70us"], jobs="1")
pd.DataFrame(found.rows())

# %%
messages = found.mean("naive", "composed").value
by_hand = 2 * 300 * 70 * messages
measured = found.mean("naive", "hand_off_us_store").value
f"one by one the store is busy for {measured:,.0f} us with {messages:.0f} messages: {measured / by_hand:.2f} times 2 x 300 x 70 us each"

# %% [markdown]
# The store hands every entry to an inbox and every receipt's answer back; the sender alone is half of that. At 1 : 100 there
# are 15 members to a server, at full size 1,500: the larger the group, the more a batch saves.

# %%
found.sentence()

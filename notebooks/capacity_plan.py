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
# # A first capacity plan
#
# How many servers does a chat service of WhatsApp's size of early 2014 need? First on paper, from published figures; then a
# run of the simulator at 1 : 1,000, which can prove the paper wrong.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from sim import load, replicate
from sim.planning import DayCurve, Load, PickUp, ServerLimits, backlog, predict, published, size_fleet

plt.rcParams.update({"figure.figsize": (7, 2.6), "figure.dpi": 70, "axes.grid": True})

# %% [markdown]
# ## The load
#
# 19 billion messages a day come in and 40 billion go out. Through the day the rate goes up and down by 3.1.

# %%
whatsapp = Load(
    DayCurve.of_a_day(published.MESSAGES_IN_PER_DAY.value, published.PEAK_TO_TROUGH["messages"]),
    DayCurve.of_a_day(published.MESSAGES_OUT_PER_DAY.value, published.PEAK_TO_TROUGH["messages"]),
    connections=published.PEAK_CONNECTIONS.value,
    logins_per_s=published.PEAK_LOGINS_PER_S.value,
)
pd.DataFrame(
    {
        "in": [whatsapp.messages_in.mean_per_s, whatsapp.messages_in.peak_per_s, published.PEAK_IN_PER_S.value],
        "out": [whatsapp.messages_out.mean_per_s, whatsapp.messages_out.peak_per_s, published.PEAK_OUT_PER_S.value],
    },
    index=["mean", "peak by the curve", "peak as published"],
).map("{:,.0f} /s".format)

# %%
hours = [quarter / 4 for quarter in range(97)]
figure, axes = plt.subplots()
axes.plot(hours, [whatsapp.messages_in.rate_per_s(hour * 3600) / 1e3 for hour in hours], label="in")
axes.plot(hours, [whatsapp.messages_out.rate_per_s(hour * 3600) / 1e3 for hour in hours], label="out")
axes.set(xlabel="hour of the day", ylabel="thousand messages/s", xlim=(0, 24), ylim=(0, None))
axes.legend(frameon=False)
plt.show()

# %% [markdown]
# ## The fleet
#
# A server is run at a million connections, far below its record of 2.8 million: that is the room for a bad day. With a
# third more on top the service survives the loss of one zone of three.

# %%
fleets = {
    "no spare": size_fleet(whatsapp),
    "survives one zone of three": size_fleet(whatsapp, lost_share=1 / 3),
    "2 million phones each": size_fleet(whatsapp, ServerLimits(connections=2e6)),
}
pd.DataFrame(
    {
        name: {
            "servers": f"{fleet.servers:,}",
            "asked for by": fleet.tightest,
            "connections each": f"{fleet.connections_each:,.0f}",
            "messages in each, mean": f"{fleet.mean_in_each_per_s:,.0f} /s",
            "messages out each, peak": f"{fleet.peak_out_each_per_s:,.0f} /s",
            "memory for connections": f"{fleet.memory_each_gb:.1f} GB",
            "processors busy": f"{fleet.processor_share_each:.0%}",
        }
        for name, fleet in fleets.items()
    }
)

# %% [markdown]
# ## A bad day
#
# Everything stands still for 210 minutes at the peak, as on 22 February 2014. The fluid model says how much waits then, and
# how long the service needs to catch up, by how much more it can carry than its peak.

# %%
peak_s = whatsapp.messages_out.peak_at_s
rows = {}
for room in (1.0, 1.25, 1.5, 2.0):
    found = backlog(whatsapp.messages_out, room * whatsapp.peak_out_per_s, outages_s=[(peak_s - 6_300, peak_s + 6_300)])
    rows[f"{room:.0%} of the peak"] = {
        "most waiting": f"{found.most / 1e9:.1f} billion",
        "longest wait": f"{found.longest_wait_s / 3600:.1f} h",
        "caught up after": f"{(found.empty_at_s - peak_s - 6_300) / 3600:.1f} h",
    }
pd.DataFrame(rows).T

# %% [markdown]
# A store that writes to disk only after 21 seconds never has to write what was picked up before: more than a third.

# %%
f"{PickUp(60.0, 3.0).gone_by(published.FLUSH_DELAY_S.value):.0%} of the messages are never written"

# %% [markdown]
# ## Does a simulated fleet agree?
#
# Three servers at 1 : 1,000 (2,940 phones, 4.4 messages a second), a tenth of the messages to groups. The formulas predict,
# the simulator plays the whole protocol on five seeds.

# %%
expected = predict(load("capacity_plan"))
found = replicate("capacity_plan", "1..5", jobs="1")
pd.DataFrame(
    {
        "predicted": [f"{expected.fan_out:.3f}", f"{expected.copies:,.0f}", f"{expected.logins:,.0f}"],
        "simulated": [found.text("owed_per_entry"), found.text("owed"), found.text("logins")],
    },
    index=["copies for each message", "copies", "logins"],
)

# %%
one = predict(load("capacity_plan", variant="one_to_one"))
alone = replicate("capacity_plan", "1..5", variant="one_to_one", jobs="1")
pd.DataFrame(
    {"predicted": [f"{one.entries:,.0f}"], "simulated": [alone.text("entries")]},
    index=["entries of the event queue, one-to-one messages"],
)

# %% [markdown]
# The fan-out is within its interval, the ledger within a few per cent: the formulas know nothing of routes that are
# remembered for ten seconds, and so plan a little too much.

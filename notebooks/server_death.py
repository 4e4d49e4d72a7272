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
# # A connection server dies at rush hour
#
# One of eight servers dies with all its phones; it comes back after five minutes. The others take a limited number of
# logins a second. Does it matter how the phones' back-off is drawn?
#
# The scenario `server_death` is a model at 1 : 1,000 (8,000 phones, 2.4 logins a second and server), which leaves times what
# they are and adds chance: a server's share of the phones differs by 3 in 100. It cannot be made much smaller: a wave of
# phones that come in step gets in as many as a server takes in a second, and at 1 : 5,000 that would be half a phone.

# %%
import matplotlib.pyplot as plt
import pandas as pd

from sim import compare, load

plt.rcParams.update({"figure.figsize": (7, 2.6), "figure.dpi": 70, "axes.grid": True})

# %% [markdown]
# ## On paper
#
# An eighth of the phones has to log in at seven servers.

# %%
scenario = load("server_death")
phones, servers = scenario.workload.users, scenario.topology.connection_servers
least_s = phones / servers / (scenario.protocol.accept_rate_per_s * (servers - 1))
f"nobody can bring them all back within less than {least_s:.0f} s"

# %% [markdown]
# ## Played
#
# Both variants meet the same luck: the same phones at the same server, the same draws. `base` is full jitter.

# %%
found = compare(
    "server_death",
    seeds="1..3",
    sets=["workload.messages=400"],
    jobs="1",
)
pd.DataFrame(found.rows())

# %%
found.sentence()

# %% [markdown]
# ## Why
#
# Without jitter everybody whom a server turned away comes again at the same moment: a wave. Between the waves the servers
# have room that nobody uses.

# %%
figure, axes = plt.subplots()
for name, label in (("base", "full jitter"), ("no_jitter", "no jitter")):
    timeline = found.records(name)[0].timeline
    minutes = [place * timeline.width_us / 60e6 for place in range(len(timeline.connected_least))]
    axes.step(minutes, timeline.connected_least, where="post", label=label)
axes.axvline(10, color="grey", linewidth=0.8)
axes.set(xlabel="minutes", ylabel="phones connected", xlim=(9, 25), ylim=(6800, 8100))
axes.legend(frameon=False, loc="lower right")
plt.show()

# %% [markdown]
# Nothing is lost in either: every run was judged by every check.

# %%
pd.DataFrame(
    {
        name: {"runs": len(found.records(name)), "passed": sum(record.exit_code == 0 for record in found.records(name))}
        for name in found.contest.names
    }
)

"""
Alignments and posteriors of a cost matrix
==========================================

This is what lies beneath the estimator, and it is useful by itself: given the cost of
step k at time t, find the cheapest placement that keeps the steps in order, and the
probability of each step's time over all such placements.
"""

# %%
# A toy cost
# ----------
#
# Three steps in 40 seconds. Each is cheap where it happens. Step 1 is also cheap in
# another place, before step 0, where order forbids it.

import numpy as np

from skcrosstask.alignment import align_steps, step_posteriors

rng = np.random.default_rng(0)
cost = 4 + 0.5 * rng.standard_normal((40, 3))
for step, start, stop in [(0, 8, 13), (1, 18, 23), (2, 29, 35)]:
    cost[start:stop, step] -= 3
cost[2:5, 1] -= 4

print("cheapest second of each step:", cost.argmin(axis=0))
print("cheapest ordered placement:  ", align_steps(cost))

# %%
# Windows, segments, and skipped steps
# ------------------------------------
#
# A window says where a step may be. Segments extend as long as they are cheaper than
# background. With a skip cost, steps that are too expensive are skipped: -1.

print("step 0 in [10, 12):", align_steps(cost, windows=[[0, 10, 12]]))
segments = align_steps(cost, occurrences="at_least_one", background_cost=2.5)
print("step of each second:", segments)
dear = cost.copy()
dear[:, 1] += 3
print("step 1 left out:   ", align_steps(dear, skip_cost=2.0))

# %%
# Posteriors
# ----------
#
# The probability of a placement is proportional to exp(-cost / temperature). The
# posterior of a step sums over all placements, so order shapes it: step 1 has hardly
# any mass at its early cheap place, because step 0 would have to come earlier still. A
# low temperature concentrates the mass on the best placement, a high one spreads it.
# Each hill is drawn to its own height; the number is the probability at its peak.

import matplotlib.pyplot as plt

colours = ["#0072B2", "#E69F00", "#44AA99"]
seconds = np.arange(len(cost)) + 0.5
temperatures = [0.2, 1.0, 2.0]
figure, axes = plt.subplots(
    1 + len(temperatures), 1, sharex=True, figsize=(8, 6.5), layout="constrained"
)
for step, colour in enumerate(colours):
    axes[0].plot(seconds, cost[:, step], color=colour, label=f"step {step}")
    best = align_steps(cost)[step]
    axes[0].plot(seconds[best], cost[best, step], "o", color=colour)
axes[0].set(title="cost, and the cheapest ordered placement", ylabel="nats")
for ax, temperature in zip(axes[1:], temperatures, strict=True):
    posterior = step_posteriors(-cost, temperature=temperature)
    for step, colour in enumerate(colours):
        peak = posterior[:, step].argmax()
        chance = posterior[peak, step]
        hill = posterior[:, step] / chance
        ax.fill_between(seconds, hill, color=colour, alpha=0.35)
        ax.plot(seconds, hill, color=colour, linewidth=1)
        ax.text(seconds[peak], 1.05, f"{chance:.2f}", color=colour, ha="center")
    ax.set(title=f"posterior, temperature {temperature:g}", ylabel="of the peak")
    ax.set(ylim=(0, 1.35), yticks=[0, 0.5, 1])
for ax in axes:
    ax.spines[["top", "right"]].set_visible(False)
axes[-1].set(xlabel="time (s)", xlim=(0, len(cost)))
figure.legend(
    *axes[0].get_legend_handles_labels(), loc="outside right upper", frameon=False
)
plt.show()

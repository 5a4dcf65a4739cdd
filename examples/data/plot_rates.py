"""
Seconds outside, rows inside
============================

Features come in rows, and everything else is in seconds. ``rate`` says how many rows a
second has: one by default, 25 for each frame, 0.5 for one row every two seconds.
"""

# %%
# The same videos at four rates
# -----------------------------
#
# The generator draws the same timelines at any rate. Windows and annotations stay as
# they are; only the rows change.

from skcrosstask.datasets import make_instructional_videos

rates = [0.5, 1, 2, 8]
collections = {
    rate: make_instructional_videos(n_videos=12, rate=rate, random_state=0)[0]
    for rate in rates
}
for rate, videos in collections.items():
    print(f"{rate:>4} rows a second:", videos[0].shape)

# %%
# Fit at each rate
# ----------------
#
# Nothing has to be set: penalties are per second, and neighbouring rows that say the
# same count as fewer. ``predict`` returns rows, so divide by the rate; ``locate``
# returns seconds. A wrong rate is an error that says which one would fit.

from skcrosstask import WeaklySupervisedStepEstimator

tables, recall = {}, {}
for rate, videos in collections.items():
    estimator = WeaklySupervisedStepEstimator(calibrate=False).fit(videos[:32])
    recall[rate] = estimator.score(videos[32:])
    tables[rate] = estimator.locate(videos[32:])
    rows = estimator.predict(videos[32:33])[0]
    print(f"{rate:>4} rows/s: recall {recall[rate]:.2f}, rows {rows.tolist()}")

# %%
# The picture
# -----------
#
# The steps of one video, in seconds, as found at each rate, above the truth. At two
# seconds a row the ends are coarse; more rows than the steps need do not help much
# here.

import matplotlib.pyplot as plt

video = collections[1][32]
colours = ["#0072B2", "#E69F00", "#44AA99", "#882255", "#999933"]
figure, ax = plt.subplots(figsize=(8, 3.4), layout="constrained")
for i, table in enumerate(tables.values()):
    for row in table:
        if row.video == video.name:
            ax.barh(
                i,
                row.end - row.start,
                left=row.start,
                color=colours[row.step],
                height=0.6,
            )
            ax.plot(row.time, i, "|", color="white", markersize=10)
for step, start, end in video.annotation:
    ax.barh(len(rates), end - start, left=start, color=colours[int(step)], height=0.6)
ax.set_yticks(
    range(len(rates) + 1), [*(f"{r:g} rows a second" for r in rates), "truth"]
)
ax.invert_yaxis()
ax.set(xlabel="time (s)", xlim=(0, len(video.features)))
ax.spines[["top", "right"]].set_visible(False)
handles = [plt.Rectangle((0, 0), 1, 1, color=c) for c in colours]
figure.legend(
    handles[: len(video.task.steps)],
    video.task.steps,
    loc="outside upper center",
    ncols=5,
    frameon=False,
)
plt.show()

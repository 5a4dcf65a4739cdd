"""Order of the gallery: sections, and the examples within them."""

from pathlib import Path

__all__ = ["SECTIONS", "ReadingOrder"]

SECTIONS = ("start", "data", "understanding", "tuning", "results", "paper")

_ORDER = (
    "plot_first_steps.py",
    "plot_segments.py",
    "plot_tables_of_steps.py",
    "plot_own_videos.py",
    "plot_video_files.py",
    "plot_narration.py",
    "plot_rates.py",
    "plot_new_videos.py",
    "plot_related_tasks.py",
    "plot_passes.py",
    "plot_conditioning.py",
    "plot_components.py",
    "plot_unseen_task.py",
    "plot_unseen_words.py",
    "plot_partial_order.py",
    "plot_posteriors.py",
    "plot_grid_search.py",
    "plot_agreement.py",
    "plot_parallel_fits.py",
    "plot_cluster.py",
    "plot_calibration.py",
    "plot_absent_steps.py",
    "plot_corrections.py",
    "plot_sharing.py",
    "plot_compare_systems.py",
    "plot_breakfast.py",
)


class ReadingOrder:
    """Key by which examples are sorted: as a newcomer reads them, new ones last."""

    def __init__(self, src_dir):
        self.src_dir = src_dir

    def __call__(self, path):
        name = Path(path).name
        return (_ORDER.index(name) if name in _ORDER else len(_ORDER), name)

    def __repr__(self):
        return "<ReadingOrder>"

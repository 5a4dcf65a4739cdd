"""Fitted estimators as files that hold data and no code.

A model file is a NumPy ``.npz`` archive: one ``.npy`` member an array of `_LAYOUT`,
and the member ``document``, JSON in UTF-8 as bytes, of the keys of `_describe`.
"""

from __future__ import annotations

import json
import math
import os
import secrets
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import numpy as np
from sklearn.exceptions import NotFittedError
from sklearn.utils.validation import check_is_fitted

from skcrosstask._base import object_array
from skcrosstask._estimator import ComponentEstimator, WeaklySupervisedStepEstimator
from skcrosstask._persistence_checks import check_document
from skcrosstask.baselines import SupervisedStepEstimator
from skcrosstask.components import StepComponents
from skcrosstask.learning import ComponentModel

__all__ = ["load_model", "replacing", "save_model"]

import pytest

from skcrosstask import WeaklySupervisedStepEstimator, baselines
from skcrosstask.experiments._systems import make_system, systems


def test_every_baseline_is_a_system_by_its_own_name():
    found = systems()
    assert len(found) == 1 + len(baselines.__all__)
    names = {"weak", "uniform", "random", "oracle", "diffrac", "action sets"}
    assert names | {"supervised"} <= set(found)
    assert found["weak"] is WeaklySupervisedStepEstimator
    assert found["random"] is baselines.RandomOrderBaseline


@pytest.mark.parametrize("name", systems())
def test_made_with_settings(name):
    known = make_system(name).get_params()
    for parameter in list(known)[:1]:
        assert make_system(name, **{parameter: 7}).get_params()[parameter] == 7

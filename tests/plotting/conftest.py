"""What every figure owes the program around it: pyplot and the settings of matplotlib stay as they were."""

from collections.abc import Iterator

import matplotlib
import matplotlib.pyplot as plt
import pytest


@pytest.fixture(autouse=True)
def untouched_matplotlib() -> Iterator[None]:
    """No figure is known to pyplot afterwards and every setting has its old value."""
    settings, open_figures, backend = dict(matplotlib.rcParams), plt.get_fignums(), matplotlib.get_backend()
    yield
    assert plt.get_fignums() == open_figures
    assert dict(matplotlib.rcParams) == settings
    assert matplotlib.get_backend() == backend

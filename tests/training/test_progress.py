"""The bar is hidden where the environment or the caller says so."""

import os
import subprocess
import sys

import pytest

SCRIPT = "from coursekit.training.progress import tqdm; print(tqdm(total=1{options}).disable)"


@pytest.mark.parametrize(
    ("setting", "options", "hidden"),
    [("1", "", "True"), (None, "", "False"), (None, ", disable=True", "True")],
)
def test_environment_and_caller_hide_the_bar(setting, options, hidden) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "TQDM_DISABLE"}
    if setting is not None:
        environment["TQDM_DISABLE"] = setting
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(options=options)],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert done.stdout.strip() == hidden

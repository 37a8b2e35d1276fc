"""The progress bar: tqdm's own, which ``TQDM_DISABLE=1`` hides in notebooks as well as on a terminal."""

import io
from typing import Any

from tqdm import auto, std


def tqdm(**options: Any) -> "auto.tqdm[Any]":
    """A bar of `tqdm.auto`; takes the same options.

    tqdm's notebook bar does not look at ``TQDM_DISABLE``, its plain bar does and is asked here.

    Examples
    --------
    >>> with tqdm(total=2, disable=True) as bar:
    ...     bar.update(2)
    ...     bar.disable
    True
    """
    hidden = std.tqdm(total=1, file=io.StringIO()).disable
    return auto.tqdm(**{"disable": bool(hidden), **options})

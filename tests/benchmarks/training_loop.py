"""One epoch of the course's network: `fit` against the tutorial's loop over a DataLoader, taken in turn.

The tutorial's data set is torchvision's way with MNIST-like files: an image is turned into a PIL image and
back into a tensor each time it is asked for. Run as ``python tests/benchmarks/training_loop.py [pairs]``.
"""

import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median

import torch
from PIL import Image
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset
from torchvision.transforms.functional import pil_to_tensor

from coursekit.data import LabelledImages, load
from coursekit.models import course_cnn
from coursekit.profile import describe_device
from coursekit.training import fit, seeded

BATCH_SIZE = 100


class OneByOne(Dataset):
    """Samples as torchvision's MNIST classes hand them out."""

    def __init__(self, samples: LabelledImages) -> None:
        self.samples = samples

    def __len__(self) -> int:
        return len(self.samples)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        image = Image.fromarray(self.samples.images[index, 0].numpy())
        return pil_to_tensor(image).float(), int(self.samples.labels[index])


def tutorial(samples: LabelledImages, *, workers: int) -> None:
    """An epoch as the tutorials write it."""
    model = course_cnn()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for images, labels in DataLoader(OneByOne(samples), BATCH_SIZE, shuffle=True, num_workers=workers):
        loss = F.nll_loss(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def library(samples: LabelledImages, **options: object) -> None:
    """The same epoch by `fit`."""
    adam = partial(torch.optim.Adam, lr=1e-3)
    fit(course_cnn(), samples, epochs=1, batch_size=BATCH_SIZE, optimizer=adam, progress=False, **options)


def main(pairs: int) -> None:
    """Print samples a second and the ratio to the tutorial's loop, median of `pairs` rounds."""
    samples = load("fashion-mnist").train[:10_000]
    ways: dict[str, Callable[[], None]] = {
        "tutorial loop, 0 workers": partial(tutorial, samples, workers=0),
        "tutorial loop, 2 workers": partial(tutorial, samples, workers=2),
        "fit": partial(library, samples),
        "fit, channels last": partial(library, samples, channels_last=True),
        "fit, channels last, bfloat16": partial(library, samples, channels_last=True, precision="bfloat16"),
    }
    rounds = []
    for _ in range(pairs):
        speeds = {}
        for name, run in ways.items():
            with seeded(0):
                begin = time.perf_counter()
                run()
                speeds[name] = len(samples) / (time.perf_counter() - begin)
        rounds.append(speeds)
    print(f"{load('fashion-mnist').title}; {describe_device(torch.device('cpu'))}; median of {pairs} rounds")
    first = next(iter(ways))
    for name in ways:
        ratios = sorted(speeds[name] / speeds[first] for speeds in rounds)
        speed = median(speeds[name] for speeds in rounds)
        spread = f"{median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})"
        print(f"{name:30} {speed:8,.0f} samples/s, ratio {spread}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)

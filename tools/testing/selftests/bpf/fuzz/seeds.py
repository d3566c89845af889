#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Inputs of a fuzzer as text, one a line in hexadecimal digits, and as the files that it reads.

usage: seeds.py unpack SEEDS.txt DIRECTORY
       seeds.py pack DIRECTORY SEEDS.txt COUNT     so many, of all sizes
"""

import hashlib
import pathlib
import sys

HEAD = "# SPDX-License-Identifier: GPL-2.0\n# Written by \"make seeds\"; one input a line.\n"


def unpack(seeds, directory):
    """A file an input."""
    directory.mkdir(parents=True, exist_ok=True)
    for line in seeds.read_text().splitlines():
        if line.startswith("#"):
            continue
        data = bytes.fromhex(line)
        (directory / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)


def pack(directory, seeds, count):
    """In order of their size, each n-th if there are more."""
    inputs = sorted((p.read_bytes() for p in directory.iterdir()), key=lambda d: (len(d), d))
    count = min(len(inputs), count)
    inputs = [inputs[i * len(inputs) // count] for i in range(count)]
    seeds.write_text(HEAD + "".join(d.hex() + "\n" for d in inputs))
    return count


def main():
    if len(sys.argv) == 4 and sys.argv[1] == "unpack":
        unpack(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
        return 0
    if len(sys.argv) == 5 and sys.argv[1] == "pack":
        kept = pack(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4]))
        print(f"{sys.argv[3]}: {kept} inputs")
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())

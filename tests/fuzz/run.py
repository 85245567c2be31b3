"""`python -m tests.fuzz.run MINUTES [FOLDER]`: feed every decoder with what a coverage-guided fuzzer thinks of.

Needs atheris (see scripts/fuzz). Inputs that break something are printed and kept in FOLDER; add them to the corpus.
"""

import random
import sys
import tempfile
from pathlib import Path

import atheris

from tests.fuzz.corpus import DICTIONARY, seeds

_LONGEST = 2048
_MEMORY_MIB = 600


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """Change JSON where it is JSON: a byte in the wrong place only tells that it is none."""
    rng = random.Random(seed)
    if rng.random() < 0.3 or not data:
        return bytes(atheris.Mutate(data, max_size))
    parts = bytearray(data)
    for _ in range(rng.randint(1, 4)):
        at = rng.randrange(len(parts) + 1)
        word = rng.choice(DICTIONARY)
        end = min(len(parts), at + rng.choice((0, 0, len(word), rng.randint(0, 12))))
        parts[at:end] = word
    return bytes(parts[:max_size])


def main() -> None:
    minutes, *rest = sys.argv[1:]
    found = Path(rest[0]) if rest else Path(tempfile.mkdtemp(prefix="steelyard-fuzz-"))
    found.mkdir(parents=True, exist_ok=True)
    for n, seed in enumerate(seeds()):
        (found / f"seed-{n:03}").write_bytes(seed)
    with atheris.instrument_imports(include=["messages", "ingest", "domain", "tests.fuzz.targets"]):
        from tests.fuzz.targets import feed_all
    print(f"inputs that broke something are kept in {found}", flush=True)
    arguments = [
        sys.argv[0],
        str(found),
        f"-max_total_time={round(float(minutes) * 60)}",
        f"-max_len={_LONGEST}",
        f"-rss_limit_mb={_MEMORY_MIB}",
        f"-artifact_prefix={found}/broke-",
        "-print_final_stats=1",
    ]
    atheris.Setup(arguments, feed_all, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    main()

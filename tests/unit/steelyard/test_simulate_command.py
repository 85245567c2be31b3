"""What the options of `steelyard simulate` may not be is said before anything starts."""

import os
import subprocess
import sys

import pytest

from tests.commands import run_here


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("market", "--tricks", "slip,alchemy"), "--tricks: 'alchemy' is none; expected slip, repeat, over_cap"),
        (("market", "--tricks", ""), "--tricks: '' is none"),
        (("market", "--protocols", "abacus"), "--protocols: protocol is 'abacus'; expected one of"),
        (("market", "--protocols", "yaohua_xk3190:x"), "profile of yaohua_xk3190 is 'x'; expected one of price"),
        (("market", "--day-speed", "60", "--opens", "9", "--closes", "9"), "--opens is 9; expected before --closes, 9"),
        (("market", "--first-host-port", "65500"), "--first-host-port is 65500; expected at most 65496"),
        (("fleet", "--market", "a/b"), "--market is 'a/b'"),
    ],
)
def test_a_wrong_option_ends_with_a_sentence(words: tuple[str, ...], sentence: str) -> None:
    ran = run_here("simulate", *words, environment=os.environ)
    assert ran.returncode == 2
    assert sentence in ran.stderr


def test_the_list_names_every_protocol_with_its_profiles() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "steelyard", "simulate", "scale", "--list"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert any(line.startswith("yaohua_xk3190 ") and " price " in line for line in ran.stdout.splitlines())

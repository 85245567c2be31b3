"""`steelyard rotation`: rounds of stall rotation repeated by anybody, without a database."""

import json
from pathlib import Path
from typing import Annotated

import typer

from domain.errors import BadFile

app = typer.Typer(help="Stall rotation: rounds that anybody can repeat.", no_args_is_help=True)

_DOES_NOT_FOLLOW = 1


@app.callback()
def rotation() -> None:
    """Stall rotation: rounds that anybody can repeat."""


@app.command("repeat")
def repeat_round(
    file: Annotated[Path, typer.Argument(help="The file of a round, as its public page gives it.")],
    frozen_sha256: Annotated[
        str, typer.Option("--frozen", help="The hash that was published before the seed, to hold the file against.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Repeat a round from its file: status 0 where everything follows from what was frozen, else 1. Asks no server."""
    from credit.rotation.round_file import repeat

    try:
        content = file.read_bytes()
    except OSError as error:
        raise BadFile(str(file), (f"cannot be read: {error.strerror}",)) from None
    found = repeat(content, file.name)
    problems = list(found.problems)
    if frozen_sha256 and frozen_sha256.lower() != found.frozen_sha256:
        problems.append(f"what is frozen in the file has {found.frozen_sha256}; {frozen_sha256} was published")
    if as_json:
        told = {
            "follows": not problems,
            "frozen_sha256": found.frozen_sha256,
            "claims": found.claims,
            "stalls": found.stalls,
            "objective": found.objective,
            "bound": found.bound,
            "by_seed": found.by_seed,
        }
        typer.echo(json.dumps({**told, "problems": problems}, ensure_ascii=False))
    elif problems:
        typer.echo("\n".join(("the round does NOT follow from what was frozen:", *problems)))
    else:
        by_hand = found.by_seed - found.objective
        typer.echo(
            f"{found.claims} claims on {found.stalls} stalls: the sum is {found.objective}, none is above {found.bound}"
            + (f", and changes by hand cost {by_hand}" if by_hand else "")
            + f"; the round follows from what was frozen ({found.frozen_sha256})"
        )
    if problems:
        raise typer.Exit(_DOES_NOT_FOLLOW)

"""`steelyard simulate`: scales, markets and fleets that do not exist."""

import typer

from steelyard.commands.simulate import fleet, market, scale

app = typer.Typer(help="Scales, markets and fleets that do not exist.", no_args_is_help=True)
app.command("scale")(scale.scale)
app.command("market")(market.market)
app.command("fleet")(fleet.fleet)
app.command("register")(market.register)

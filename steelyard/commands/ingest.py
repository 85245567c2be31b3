"""`steelyard ingest`: one ingest worker, or several."""

from typing import Annotated

import typer


def ingest(
    workers: Annotated[int, typer.Option(min=1, max=64, help="Worker processes; each takes its share.")] = 1,
) -> None:
    """Take weighings from the broker into the database until stopped. Start as many as you like, here or elsewhere."""
    from steelyard.leaving_out import leave_out

    leave_out("rich")  # structlog loads it for coloured tracebacks; what a service logs is JSON
    from steelyard.logs import configure_logs
    from steelyard.services import ingest_worker
    from steelyard.settings import read_settings
    from steelyard.stopping import stop_on_signals
    from steelyard.workers import run_workers

    configure_logs()
    settings, stop = read_settings(), stop_on_signals()
    if workers == 1:
        ingest_worker(settings, stop).run()
    else:
        # Put together in any case: what is wrong with the settings is said once, not by every worker again and again.
        ingest_worker(settings.model_copy(update={"metrics_port": 0}), stop)
        run_workers(settings.worker_id, workers, settings.metrics_port, stop)

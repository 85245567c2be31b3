"""`steelyard ingest`: one ingest worker."""


def ingest() -> None:
    """Take weighings from the broker into the database until stopped. Start as many as you like."""
    from steelyard.logs import configure_logs
    from steelyard.services import ingest_worker
    from steelyard.settings import read_settings
    from steelyard.stopping import stop_on_signals

    configure_logs()
    ingest_worker(read_settings(), stop_on_signals()).run()

"""`steelyard clerk`: hands on and delivers what people and other systems are told of."""


def clerk() -> None:
    """Tell people and other systems what happened, until stopped. Start as many as you like, here or elsewhere."""
    from steelyard.leaving_out import leave_out

    leave_out("rich")  # structlog loads it for coloured tracebacks; what a service logs is JSON
    from steelyard.stopping import stop_on_signals

    stop = stop_on_signals()  # before what takes long to load: whoever starts it may ask it to stop at once
    from steelyard.clerk.putting_together import clerk_of
    from steelyard.logs import configure_logs
    from steelyard.settings import read_settings

    configure_logs()
    clerk_of(read_settings(), stop).run()

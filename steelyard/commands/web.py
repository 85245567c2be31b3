"""`steelyard web`: the console and the API."""


def web() -> None:
    """Serve the console and the API until stopped."""
    from steelyard.leaving_out import leave_out

    leave_out("rich")  # structlog loads it for coloured tracebacks; what a service logs is JSON
    from steelyard.logs import configure_logs
    from steelyard.services import web_config
    from steelyard.settings import read_settings
    from web.app import create_app
    from web.server import Server

    configure_logs()
    settings = read_settings()
    app = create_app(web_config(settings))
    Server(app, host=settings.web_host, port=settings.web_port).run()

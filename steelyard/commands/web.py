"""`steelyard web`: the console and the API."""


def web() -> None:
    """Serve the console and the API until stopped."""
    from steelyard.leaving_out import leave_out

    leave_out("rich")  # structlog loads it for coloured tracebacks; what a service logs is JSON
    from credit.rules import read_credit_rules
    from pricing.policy import read_rules_policy
    from steelyard.logs import configure_logs
    from steelyard.settings import read_settings
    from supervision.inspections.policy import read_inspection_policy
    from web.app import create_app
    from web.config import WebConfig
    from web.server import Server

    configure_logs()
    settings = read_settings()
    app = create_app(
        WebConfig(
            database_url=settings.database_url_with_password,
            rules_policy=read_rules_policy(settings.policy_file("rules.toml")),
            credit_rules=read_credit_rules(settings.policy_file("credit.toml")),
            inspection_policy=read_inspection_policy(settings.policy_file("inspections.toml")),
            secure_cookies=settings.secure_cookies,
        )
    )
    Server(app, host=settings.web_host, port=settings.web_port).run()

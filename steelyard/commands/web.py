"""`steelyard web`: the console and the API."""


def web() -> None:
    """Serve the console and the API until stopped."""
    from steelyard.leaving_out import leave_out

    leave_out("rich")  # structlog loads it for coloured tracebacks; what a service logs is JSON
    from credit.rules import read_credit_rules
    from pricing.policy import read_rules_policy
    from steelyard.logs import configure_logs
    from steelyard.settings import read_settings
    from supervision.complaints.policy import read_complaints_policy
    from supervision.notices.policy import read_notices_policy
    from supervision.policy import read_supervision_policy
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
            supervision_policy=read_supervision_policy(settings.policy_file("supervision.toml")),
            complaints_policy=read_complaints_policy(settings.policy_file("complaints.toml")),
            notices_policy=read_notices_policy(settings.policy_file("notices.toml")),
            secure_cookies=settings.secure_cookies,
            trusted_proxies=settings.proxies,
        )
    )
    Server(app, host=settings.web_host, port=settings.web_port).run()

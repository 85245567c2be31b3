"""The agent's process: it loads what it uses, since a gateway may be small."""

import json
import subprocess
import sys

LOOK = """
import json, sys
from steelyard import edge_process
edge_process.leave_out("rich")
import edge_agent.running, edge_agent.config.agent_config, steelyard.logs
print(json.dumps([name for name, module in sys.modules.items() if module is not None]))
"""


def test_an_agent_does_not_load_what_the_command_line_and_the_page_need() -> None:
    done = subprocess.run([sys.executable, "-c", LOOK], capture_output=True, text=True, check=True)
    loaded = set(json.loads(done.stdout))
    assert {"structlog", "edge_agent.link.sender"} <= loaded
    assert not {"rich", "typer", "http.server", "segno", "fastapi", "sqlalchemy", "pygments"} & loaded


def test_a_log_without_the_left_out_package_still_tells_an_exception() -> None:
    script = (
        "from steelyard import edge_process; edge_process.leave_out('rich')\n"
        "from steelyard.logs import configure_logs; configure_logs()\n"
        "import structlog\n"
        "try: 1 / 0\n"
        "except ZeroDivisionError: structlog.get_logger().exception('broken')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    told = json.loads(done.stderr)
    assert told["event"] == "broken"
    assert "ZeroDivisionError" in told["exception"]

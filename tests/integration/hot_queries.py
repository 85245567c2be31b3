"""The queries whose plans are pinned, of every room."""

from tests.integration.hot_of_alerts import OF_ALERTS
from tests.integration.hot_of_complaints import OF_COMPLAINED
from tests.integration.hot_of_ingest import OF_INGEST
from tests.integration.hot_of_portraits import OF_PORTRAITS

HOT = [*OF_INGEST, *OF_ALERTS, *OF_COMPLAINED, *OF_PORTRAITS]

"""Every route of the service, and which roles it answers. One that is in neither room fails the first test."""

from tests.integration.api_routes import OF_THE_API
from tests.integration.page_routes import OF_PAGES
from tests.integration.route_roles import NOBODY

PHOTO = b"\xff\xd8\xff no photo"
ROUTES = OF_PAGES | OF_THE_API
CHANGING = [(method, path) for method, path in ROUTES if method != "GET"]
ASKING = [(method, path) for (method, path), roles in ROUTES.items() if roles is not NOBODY]

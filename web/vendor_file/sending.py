"""A vendor's file on its way: how it is named."""

import re
from typing import Final

from web.vendor_file.section import VendorFile

WORKBOOK: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_UNSAFE_IN_A_FILE_NAME: Final = re.compile(r"[^A-Za-z0-9._-]+")


def attachment(file: VendorFile, ending: str) -> dict[str, str]:
    """Return the headers that make a browser keep it as a file."""
    name = _UNSAFE_IN_A_FILE_NAME.sub("_", f"file-{file.market.market_id}-{file.vendor.vendor_id}")
    return {"Content-Disposition": f'attachment; filename="{name}.{ending}"'}

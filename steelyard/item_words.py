"""The preview of a catalogue's table as the command line tells it. Pure."""

from collections.abc import Iterator

from supervision.items.importing import CataloguePreview


def preview_lines(shown: CataloguePreview) -> Iterator[str]:
    """Yield what a table would be and change; its problems are told by whoever keeps it."""
    for one in shown.read.ignored:
        yield f"column {one.title!r} means nothing here" + (f"; perhaps {one.perhaps}" if one.perhaps else "")
    if shown.read.problems:
        return
    yield f"{shown.file.name}: {len(shown.items)} items with {shown.sub_items} sub-items"
    changes = shown.comparison
    for label, codes in (("new", changes.added), ("changed", changes.changed), ("no longer listed", changes.left_out)):
        if codes:
            yield f"{label}: " + ", ".join(f"{code} {shown.names[code]}" for code in codes)
    for old, into, because in shown.merged:
        yield f"merged: {old} {shown.names[old]} → {into}: {because}"
    yield (
        f"{shown.reduction.before} → {shown.reduction.after} items, {shown.reduction.merged} merged;"
        f" over all versions {shown.overall.before} → {shown.overall.after}"
    )

"""The catalogue in the database: drafted, merged, published by a second person, and never changed afterwards."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest
from psycopg import Connection, errors

from db import items
from domain.alert import AlertKind
from domain.errors import IllegalTransition, NotFound, RuleViolation
from domain.supervision_item import CatalogueState, RiskClass
from supervision.items import keeping
from supervision.items.catalogue_file import CatalogueFile, read_catalogue
from supervision.items.merging import overall, reduction_of

SHIPPED = Path(__file__).parents[2] / "data" / "supervision_items.toml"
NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)


def shipped(*changes: tuple[str, str]) -> CatalogueFile:
    text = SHIPPED.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_catalogue(text.encode(), SHIPPED.name)


def published(conn: Connection, filed: CatalogueFile | None = None, *, at: datetime = NOW) -> int:
    catalogue_id = keeping.draft_from_file(conn, filed or shipped(), by="drafter", at=at)
    keeping.publish(conn, catalogue_id, by="second", at=at)
    conn.commit()
    return catalogue_id


def test_a_file_becomes_a_draft_and_a_second_person_puts_it_into_force(conn: Connection) -> None:
    catalogue_id = keeping.draft_from_file(conn, shipped(), by="drafter", at=NOW)
    assert items.in_force(conn) is None
    assert keeping.item_for(conn, AlertKind.PRICE_OVER_CAP) is None
    with pytest.raises(RuleViolation, match="drafter worked on this draft"):
        keeping.publish(conn, catalogue_id, by="drafter", at=NOW)
    current = keeping.publish(conn, catalogue_id, by="second", at=NOW)
    assert (current.state, current.decided_by, current.items, current.merged) == ("published", "second", 19, 5)
    assert current.department("price").name.startswith("发展改革")
    assert (reduction_of(current).before, reduction_of(current).after) == (24, 19)
    found = keeping.item_for(conn, AlertKind.PRICE_OVER_CAP)
    assert found is not None
    assert (found.item.code, found.item.basis[0].named) == ("P01", "价格法 第三十九条")
    assert found.item.per_year[RiskClass.D] == 12
    assert keeping.item_for(conn, AlertKind.CAP_LIST_MISSING) is None


def test_what_was_merged_is_found_under_what_it_became(conn: Connection) -> None:
    published(conn)
    found = keeping.find(conn, "P08")
    assert (found.asked, found.item.code) == ("P08", "P02")
    assert "水箱、鱼盆上是否逐一标价" in {one.text for one in found.item.questions}
    as_it_was = items.merged_item(conn, "P08")
    assert as_it_was is not None
    assert as_it_was.name == "海鲜明码标价专项检查"
    with pytest.raises(NotFound, match="no item X99"):
        keeping.find(conn, "X99")


def test_merging_goes_on_over_versions_and_chains_are_followed(conn: Connection) -> None:
    first = published(conn)
    second = keeping.draft_from_force(conn, "2026-12", by="drafter", at=NOW)
    keeping.merge(conn, second, "R02", "R03", reason="the same visit", by="merger", at=NOW)
    keeping.merge(conn, second, "R03", "P07", reason="the same records", by="merger", at=NOW)
    with pytest.raises(IllegalTransition, match="R02 became part of P07 already"):
        keeping.merge(conn, second, "R02", "P07", reason="again", by="merger", at=NOW)
    assert keeping.find(conn, "R02").item.code == "R02", "a draft changes nothing that is in force"
    with pytest.raises(RuleViolation, match="merger worked on this draft"):
        keeping.publish(conn, second, by="merger", at=NOW)
    current = keeping.publish(conn, second, by="second", at=NOW + timedelta(days=1))
    whole = keeping.find(conn, "R02").item
    assert whole.code == "P07"
    assert {"records", "board", "contract"} == {one.code for one in whole.questions}
    assert (reduction_of(current).before, reduction_of(current).after) == (19, 17)
    everything = overall(current, items.merges(conn))
    assert (everything.before, everything.after, everything.merged) == (24, 17, 7)
    # What a past inspection referred to is read as it was.
    assert keeping.find(conn, "R02", catalogue_id=first).item.name == "红黄牌公示"
    assert [one.catalogue_id for one in items.versions_of(conn, "P07")] == [second, first]


def test_kinds_of_alerts_go_with_the_item_they_belong_to(conn: Connection) -> None:
    published(conn)
    draft = keeping.draft_from_force(conn, "2", by="drafter", at=NOW)
    keeping.merge(conn, draft, "M04", "M02", reason="the scale is looked at once", by="drafter", at=NOW)
    keeping.publish(conn, draft, by="second", at=NOW + timedelta(days=1))
    conn.commit()
    found = keeping.item_for(conn, AlertKind.SCALE_UNSUITABLE)
    assert found is not None
    assert found.item.code == "M02"


def test_a_merge_wants_a_reason_and_only_a_draft_takes_one(conn: Connection) -> None:
    first = published(conn)
    with pytest.raises(IllegalTransition, match="only a draft changes"):
        keeping.merge(conn, first, "R02", "R03", reason="x", by="a", at=NOW)
    draft = keeping.draft_from_force(conn, "2", by="drafter", at=NOW)
    with pytest.raises(RuleViolation, match="say why"):
        keeping.merge(conn, draft, "R02", "R03", reason="  ", by="a", at=NOW)
    with pytest.raises(RuleViolation, match="2000 at most"):
        keeping.merge(conn, draft, "R02", "R03", reason="x" * 2001, by="a", at=NOW)
    with pytest.raises(NotFound):
        keeping.merge(conn, 999, "R02", "R03", reason="x", by="a", at=NOW)


def test_one_draft_at_a_time_and_a_version_s_name_once(conn: Connection) -> None:
    published(conn)
    with pytest.raises(IllegalTransition, match="there is a version '2026-11-28' already"), conn.transaction():
        keeping.draft_from_file(conn, shipped(), by="drafter", at=NOW)
    draft = keeping.draft_from_force(conn, "2", by="drafter", at=NOW)
    with pytest.raises(IllegalTransition, match="there is a draft already"), conn.transaction():
        keeping.draft_from_force(conn, "3", by="drafter", at=NOW)
    keeping.discard(conn, draft, by="drafter", at=NOW)
    kept = items.one(conn, draft)
    assert kept is not None
    assert (kept.state, kept.items) == (CatalogueState.DISCARDED, 19)
    assert keeping.draft_from_force(conn, "2", by="drafter", at=NOW) != draft


def test_a_discarded_draft_merges_nothing(conn: Connection) -> None:
    published(conn)
    draft = keeping.draft_from_force(conn, "2", by="drafter", at=NOW)
    keeping.merge(conn, draft, "R02", "R03", reason="x", by="a", at=NOW)
    keeping.discard(conn, draft, by="a", at=NOW)
    again = keeping.draft_from_force(conn, "2", by="drafter", at=NOW)
    keeping.merge(conn, again, "R03", "R02", reason="the other way round", by="a", at=NOW)
    keeping.publish(conn, again, by="second", at=NOW + timedelta(days=1))
    assert keeping.find(conn, "R03").item.code == "R02"


def test_a_later_file_may_repeat_old_merges_and_may_not_change_or_undo_them(conn: Connection) -> None:
    published(conn)
    later = ('version = "2026-11-28"', 'version = "2027-01"')
    undone = read_catalogue(_without_merge(shipped_text().replace(*later)).encode(), "f")
    with pytest.raises(RuleViolation, match=r"never used again: P08 \(merged into P02\)"), conn.transaction():
        keeping.draft_from_file(conn, undone, by="drafter", at=NOW)
    changed = shipped(later, ('code = "M09"\ninto = "M01"', 'code = "M09"\ninto = "M02"'))
    with pytest.raises(RuleViolation, match="M09 was merged into M01, not into M02"), conn.transaction():
        keeping.draft_from_file(conn, changed, by="drafter", at=NOW)
    again = keeping.draft_from_file(conn, shipped(later), by="drafter", at=NOW)
    current = keeping.publish(conn, again, by="second", at=NOW + timedelta(days=30))
    assert (current.items, current.merged) == (19, 0)
    assert overall(current, items.merges(conn)).before == 24


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE supervision_items SET position = 7",
        "DELETE FROM supervision_items",
        "UPDATE item_catalogues SET title = 'another'",
        "DELETE FROM item_catalogues",
        "UPDATE item_merges SET reason = 'another'",
        "DELETE FROM item_merges",
        "DELETE FROM item_alert_kinds",
        "INSERT INTO item_alert_kinds SELECT catalogue_id, 'cap_list_missing', code FROM item_alert_kinds LIMIT 1",
        "TRUNCATE supervision_items, item_alert_kinds",
    ],
)
def test_nothing_of_a_published_version_is_changed_even_by_hand(conn: Connection, statement: str) -> None:
    published(conn)
    with pytest.raises(errors.RestrictViolation):
        conn.execute(statement)


def test_of_two_who_merge_the_same_item_at_once_the_second_is_told(conn: Connection, database_url: str) -> None:
    published(conn)
    draft = keeping.draft_from_force(conn, "2", by="drafter", at=NOW)
    conn.commit()
    keeping.merge(conn, draft, "R02", "R03", reason="first", by="a", at=NOW)
    with psycopg.connect(database_url) as other:
        other.execute("SET lock_timeout = '200ms'")
        with pytest.raises(errors.LockNotAvailable):
            keeping.merge(other, draft, "R02", "P07", reason="second", by="b", at=NOW)
        other.rollback()
        conn.commit()
        with pytest.raises(IllegalTransition, match="R02 became part of R03 already"):
            keeping.merge(other, draft, "R02", "P07", reason="second", by="b", at=NOW)


def test_without_a_version_there_is_nothing_to_copy(conn: Connection) -> None:
    with pytest.raises(RuleViolation, match="import a file first"):
        keeping.draft_from_force(conn, "2", by="a", at=NOW)
    published(conn)
    with pytest.raises(RuleViolation, match="version is empty"):
        keeping.draft_from_force(conn, " ", by="a", at=NOW)


def shipped_text() -> str:
    return SHIPPED.read_text(encoding="utf-8")


def _without_merge(text: str) -> str:
    """P08 as an item again."""
    head, _, tail = text.partition('[[merged]]\ncode = "P08"')
    body, _, rest = tail.partition("[[merged]]")
    lines = [one for one in body.splitlines() if not one.startswith(("into", "because"))]
    return head + '[[item]]\ncode = "P08"' + "\n".join(lines) + "\n[[merged]]" + rest

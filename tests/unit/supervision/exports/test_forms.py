"""Records in their forms, and what answers say of them."""

import hashlib
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.errors import BadFile
from domain.export import DeliveryState, ExportForm, ExportRecord
from domain.ids import MarketId, VendorId
from supervision.exports.answers import judge
from supervision.exports.forms import FIELDS, NAMES, as_csv, as_json, canonical, given, schema
from supervision.exports.policy import read_exports_policy
from supervision.notices.retrying import Outcome

ROOT = Path(__file__).parents[4]
KEYS = {("first/V1", 1), ("first/V2", 3)}


def record(**changed: Any) -> ExportRecord:
    body: dict[str, Any] = {one.name: "" for one in FIELDS[ExportForm.CREDIT_RECORD]}
    body |= {"vendor_kind": "individual", "licence_no": "460200600123456", "events": [], "ledger_through": 4, **changed}
    return ExportRecord(
        revision=7,
        form=ExportForm.CREDIT_RECORD,
        record_id="first/V1",
        version=2,
        market_id=MarketId("first"),
        vendor_id=VendorId("V1"),
        made_at=datetime(2026, 11, 1, tzinfo=UTC),
        body=body,
    )


@pytest.mark.parametrize(
    ("kind", "identities", "shown"),
    [
        ("individual", False, "4602*******3456"),
        ("", False, "4602*******3456"),
        ("company", False, "460200600123456"),
        ("individual", True, "460200600123456"),
    ],
)
def test_an_individuals_licence_is_masked_without_the_scope(kind: str, identities: bool, shown: str) -> None:
    assert given(record(vendor_kind=kind), identities=identities)["licence_no"] == shown


def test_a_record_has_the_fields_of_its_schema_and_no_others() -> None:
    fields = given(record(), identities=False)
    assert set(fields) == set(schema(ExportForm.CREDIT_RECORD)["required"])
    assert fields["form"] == NAMES[ExportForm.CREDIT_RECORD]


def test_the_same_record_has_the_same_bytes_and_a_digest_over_them() -> None:
    fields = given(record(), identities=False)
    digest = fields.pop("sha256")
    assert hashlib.sha256(canonical(fields)).hexdigest() == digest
    assert canonical({"b": 1, "a": "海"}) == '{"a":"海","b":1}'.encode()
    one, other = (as_json(ExportForm.CREDIT_RECORD, [record()], identities=False, batch="k") for _ in range(2))
    assert one == other


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_runs(name: str) -> None:
    text = as_csv(ExportForm.CREDIT_RECORD, [record(vendor_name=name)], identities=False).decode("utf-8-sig")
    assert f"'{name}" in text


def test_the_schemas_of_the_docs_are_those_of_the_code() -> None:
    for form in ExportForm:
        name = NAMES[form].replace("steelyard.", "").replace("/", "-")
        stored = json.loads((ROOT / "docs" / "exports" / f"{name}.schema.json").read_text(encoding="utf-8"))
        assert stored == schema(form)


@pytest.mark.parametrize("said", ["", "OK", "好的!", "{}", '{"refused": []}'])
def test_what_is_answered_with_success_is_accepted(said: str) -> None:
    judged = judge(Outcome(status=200, said=said), KEYS)
    assert not judged.error
    assert {judged.state_of(key)[0] for key in KEYS} == {DeliveryState.ACCEPTED}


def test_an_answer_may_refuse_some() -> None:
    said = json.dumps({"refused": [{"record_id": "first/V2", "version": 3, "reason": "no such code"}]})
    judged = judge(Outcome(status=200, said=said), KEYS)
    assert judged.state_of(("first/V2", 3)) == (DeliveryState.REFUSED, "no such code")
    assert judged.state_of(("first/V1", 1)) == (DeliveryState.ACCEPTED, "")


@pytest.mark.parametrize(
    "said",
    [
        "{",
        '{"refused": [{"record_id": "first/V2"}]}',
        '{"refused": [{"record_id": "other", "version": 1}]}',
        '{"refused": 3}',
        '{"refused": [{"record_id": 1, "version": 1}]}',
        '{"a": ' * 3000,
    ],
)
def test_an_answer_that_cannot_be_read_tells_nothing(said: str) -> None:
    assert judge(Outcome(status=200, said=said), KEYS).error


@pytest.mark.parametrize(("status", "is_whole"), [(400, True), (422, True), (401, False), (409, False), (503, False)])
def test_only_what_is_wrong_with_the_batch_refuses_it(status: int, is_whole: bool) -> None:
    judged = judge(Outcome(status=status, error=f"answered {status}"), KEYS)
    assert judged.is_refused_whole is is_whole
    assert bool(judged.error) is not is_whole


def test_a_policy_that_is_wrong_is_named(tmp_path: Path) -> None:
    text = (ROOT / "policy" / "exports.toml").read_text(encoding="utf-8")
    file = tmp_path / "exports.toml"
    file.write_text(text.replace("longest_retry_s = 21600", "longest_retry_s = 1"), encoding="utf-8")
    with pytest.raises(BadFile, match="longest_retry_s is 1; expected at least"):
        read_exports_policy(file)
    file.write_text(text.replace("batch_records = 100", "batch_records = 0"), encoding="utf-8")
    with pytest.raises(BadFile, match="batch_records"):
        read_exports_policy(file)

"""Freeze a case's evidence: everything that is kept about its alerts, in one ZIP with its digests."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

from psycopg import Connection

from db import case_evidence, cases
from db.case_evidence import EvidenceLine
from db.snapshot import snapshot
from domain.case import Case, CaseAction, CaseStep
from supervision.alerts.handling import Actor
from supervision.cases.checkpoint_files import files_of_checkpoints
from supervision.cases.handling import held, seen
from supervision.cases.signing import signed_of
from supervision.cases.verifying import CHAIN, link_of
from supervision.cases.zipping import as_json, zipped

_README: Final = """\
Evidence bundle of a Steelyard (海秤) case / 海秤案件证据包

manifest.json names each file with its SHA-256. journals/ holds weighings byte for byte as the scales' devices froze
them, with the line before and after each and those on to the next checkpoint; every line carries the SHA-256 of the
one before it (prev). checkpoints/ holds heads of these chains as devices signed them: whose key that is, you must know
from elsewhere.
manifest.json 列出每个文件的 SHA-256；journals/ 为秤端冻结的原始字节，每条记录含上一条的 SHA-256（prev）；
checkpoints/ 为设备对链头的签名，签名密钥归谁须另行确认。

Check it without a network / 离线核验：  steelyard cases verify BUNDLE.zip [--sha256 …] [--public-key …]
"""


def freeze(conn: Connection, case_id: int, *, versions: Mapping[str, str], by: Actor, now: datetime) -> int:
    """Freeze what is kept about a case at one moment, in transactions of its own; return the bundle_id.

    It is read without holding the case, so that nobody waits, and then kept. `versions`: of the policies in force.
    Raise NotFound, NotAllowed.
    """
    with snapshot(conn):
        case = seen(conn, case_id, by)
        files, about = _gathered(conn, case, versions)
    about |= {"frozen_at": now.isoformat(), "frozen_by": by.username}
    content = zipped(files, about)
    digest = sha256(content)
    with conn.transaction():
        case = held(conn, case_id, by)
        bundle_id = cases.keep_bundle(
            conn,
            case_id,
            content=content,
            sha256=digest.digest(),
            files=len(files) + 1,
            by=by.username,
            origin=by.origin,
            at=now,
        )
        step = CaseStep(
            at=now,
            actor=by.username,
            action=CaseAction.FREEZE,
            from_state=case.state,
            to_state=case.state,
            note=f"SHA-256 {digest.hexdigest()}",
            origin=by.origin,
        )
        cases.append(conn, case_id, step)
    return bundle_id


def files_of_lines(lines: Sequence[EvidenceLine]) -> dict[str, bytes]:
    """Return the frozen bytes of each line under its path, and the chain between them. Lines come in their order."""
    paths = [_path(one) for one in lines]
    chain = []
    for (before, before_path), (line, path) in pairwise([(None, None), *zip(lines, paths, strict=True)]):
        follows = (
            before is not None
            and line is not None
            and (before.scale_id, before.journal_id, before.seq + 1) == (line.scale_id, line.journal_id, line.seq)
        )
        if line is None:
            continue
        after = before if follows else None
        chain.append(
            {
                "file": path,
                "scale_id": line.scale_id,
                "journal_id": line.journal_id,
                "seq": line.seq,
                "is_counted": line.is_counted,
                "after": before_path if follows else None,
                "fits": link_of(None if after is None else bytes(after.body), bytes(line.body), line.seq),
                "judged": line.judged,
            }
        )
    return {CHAIN: as_json(chain), **{path: bytes(one.body) for path, one in zip(paths, lines, strict=True)}}


def _path(line: EvidenceLine) -> str:
    """Names of devices are no paths: their digest is."""
    journal = sha256(f"{line.scale_id}\n{line.journal_id}".encode()).hexdigest()[:16]
    return f"journals/{journal}/{line.seq:012d}.json"


def _gathered(conn: Connection, case: Case, versions: Mapping[str, str]) -> tuple[dict[str, bytes], dict[str, Any]]:
    case_id = case.case_id
    lines = _with_bridges(case_evidence.lines(conn, case_id), case_evidence.bridges(conn, case_id))
    found = case_evidence.of_alerts(conn, case_id)
    files = {"README.txt": _README.encode(), "policies.json": as_json(dict(versions))}
    files["case.json"] = as_json([_said(one) for one in cases.steps_of(conn, case_id)])
    files["decisions.json"] = as_json(case_evidence.decisions(conn, case_id))
    files["complaints.json"] = as_json(case_evidence.complaints(conn, case_id))
    files["journal_gaps.json"] = as_json(case_evidence.gaps(conn, case_id))
    files["chain_breaks.json"] = as_json(case_evidence.breaks(conn, case_id))
    for row in found:
        folder = f"alerts/{row['alert_id']}"
        for name in ("alert", "steps", "weighings", "device_events", "bindings"):
            files[f"{folder}/{name}.json"] = as_json(row[name])
    files["findings.json"] = as_json(case_evidence.findings(conn, case_id))
    for row in case_evidence.visits(conn, case_id):
        for name in ("visit", "tasks", "inspectors", "events", "checklist", "answers", "feedback"):
            files[f"visits/{row['inspection_id']}/{name}.json"] = as_json(row[name])
    for alert_id, photo_id, content in case_evidence.photos(conn, case_id):
        files[f"alerts/{alert_id}/photos/{photo_id}.jpg"] = content
    files["cap_lists.json"] = as_json(_cap_lists(conn, lines, found))
    files |= files_of_lines(lines)
    paths = {(one.scale_id, one.journal_id, one.seq): _path(one) for one in lines}
    files |= files_of_checkpoints(case_evidence.checkpoints(conn, case_id), paths, files)
    signed = signed_of(files, CHAIN)
    about = {
        "case_id": case_id,
        "market_id": case.market_id,
        "vendor_id": case.vendor_id,
        "vendor_name": case.vendor_name,
        "cause": case.cause,
        "weighings_counted": case_evidence.counted(conn, case_id),
        "weighings_included": sum(one.is_counted for one in lines),
        "weighings_under_checkpoints": signed.covered,
    }
    return files, about


def _with_bridges(lines: Sequence[EvidenceLine], bridges: Sequence[EvidenceLine]) -> list[EvidenceLine]:
    """Return lines by scale, journal and number, with those that lead from them to a head that was signed."""
    found = {(one.scale_id, one.journal_id, one.seq): one for one in (*bridges, *lines)}
    return [found[place] for place in sorted(found)]


def _cap_lists(
    conn: Connection, lines: Sequence[EvidenceLine], found: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    judged = [one.judged for one in lines if one.is_counted]
    lists = {one["cap_list_id"] for one in judged if one["cap_list_id"] is not None}
    species = {one["species_code"] for one in judged} | {row["alert"]["species_code"] for row in found}
    return case_evidence.cap_lists(conn, lists, species)


def _said(step: CaseStep) -> dict[str, Any]:
    values = {name: getattr(step, name) for name in CaseStep.__slots__}
    return {**values, "at": step.at.isoformat()}

"""Who may do what: the table itself, and what follows from it."""

import pytest

from domain.errors import NotAllowed, NotFound
from domain.ids import MarketId
from supervision.alerts.states import Authority
from web.access import PERMISSIONS, Permission, Role, Viewer, scope_of

HERE, ELSEWHERE = MarketId("here"), MarketId("elsewhere")


def viewer(role: Role) -> Viewer:
    return Viewer(username="u", display_name="U", role=role, scope=scope_of(role, HERE), csrf_token="t")


def test_every_role_stands_in_the_table() -> None:
    assert set(PERMISSIONS) == set(Role)


@pytest.mark.parametrize("role", Role)
def test_a_regulator_looks_at_the_quarantine_and_leaves_it_to_others(role: Role) -> None:
    assert viewer(role).may(Permission.HANDLE_QUARANTINE) == (role is not Role.REGULATOR)


@pytest.mark.parametrize("role", Role)
def test_a_manager_hands_in_slips_and_a_regulator_edits_the_price_book(role: Role) -> None:
    assert viewer(role).may(Permission.EDIT_CAPS) == (role is not Role.MANAGER)
    assert viewer(role).may(Permission.TAKE_OVER_REFERENCES) == (role is not Role.MANAGER)
    assert viewer(role).may(Permission.ENTER_PURCHASES) == (role is not Role.REGULATOR)


@pytest.mark.parametrize("role", Role)
def test_a_manager_decides_nothing_as_an_authority(role: Role) -> None:
    is_manager = role is Role.MANAGER
    assert viewer(role).may(Permission.DECIDE_AS_AUTHORITY) == (not is_manager)
    assert viewer(role).may(Permission.SEE_HANDLING) == (not is_manager)
    assert viewer(role).acts_with is (Authority.MARKET if is_manager else Authority.REGULATOR)
    assert viewer(role).actor.market_id == (HERE if is_manager else None)


@pytest.mark.parametrize("role", Role)
def test_who_runs_the_system_does_not_see_how_a_complainant_is_reached(role: Role) -> None:
    assert viewer(role).may(Permission.SEE_CONTACTS) == (role is not Role.ADMIN)


@pytest.mark.parametrize("role", Role)
def test_approvals_and_cases_are_handled_by_the_authority(role: Role) -> None:
    for permission in (Permission.HANDLE_APPROVALS, Permission.HANDLE_CASES):
        assert viewer(role).may(permission) == (role is not Role.MANAGER)


@pytest.mark.parametrize("role", Role)
def test_what_was_recorded_or_taken_of_credit_is_given_back_by_the_authority(role: Role) -> None:
    assert viewer(role).may(Permission.DECIDE_CREDIT) == (role is not Role.MANAGER)


@pytest.mark.parametrize("role", Role)
def test_a_manager_has_no_other_systems_told(role: Role) -> None:
    for permission in (Permission.MANAGE_WEBHOOKS, Permission.MANAGE_EXPORTS):
        assert viewer(role).may(permission) == (role is not Role.MANAGER)


@pytest.mark.parametrize("role", Role)
def test_a_manager_reports_on_a_market_and_not_on_the_city(role: Role) -> None:
    assert viewer(role).may(Permission.REPORT_ON_CITY) == (role is not Role.MANAGER)
    assert viewer(role).may(Permission.SEE_CREDIT)


@pytest.mark.parametrize("role", Role)
def test_who_somebody_is_and_how_to_reach_them_is_not_for_a_manager(role: Role) -> None:
    for permission in (Permission.EDIT_IDENTITIES, Permission.SEE_PERSONAL_DATA, Permission.EDIT_MARKETS):
        assert viewer(role).may(permission) == (role is not Role.MANAGER)
    assert viewer(role).may(Permission.EDIT_REGISTRY)


@pytest.mark.parametrize("role", Role)
def test_a_manager_does_not_see_risk_classes(role: Role) -> None:
    for permission in (Permission.SEE_RISK, Permission.PLAN_INSPECTIONS):
        assert viewer(role).may(permission) == (role is not Role.MANAGER)


OF_SOME = {
    Permission.DECIDE_AS_AUTHORITY,
    Permission.DECIDE_CREDIT,
    Permission.SEE_HANDLING,
    Permission.HANDLE_QUARANTINE,
    Permission.EDIT_CAPS,
    Permission.TAKE_OVER_REFERENCES,
    Permission.ENTER_PURCHASES,
    Permission.SEE_CONTACTS,
    Permission.MANAGE_WEBHOOKS,
    Permission.HANDLE_APPROVALS,
    Permission.HANDLE_CASES,
    Permission.MANAGE_EXPORTS,
    Permission.REPORT_ON_CITY,
    Permission.EDIT_IDENTITIES,
    Permission.EDIT_MARKETS,
    Permission.SEE_PERSONAL_DATA,
    Permission.EDIT_ITEMS,
    Permission.EDIT_CREDIT_RULES,
    Permission.INSPECT,
    Permission.PLAN_INSPECTIONS,
    Permission.SEE_RISK,
}


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("permission", sorted(set(Permission) - OF_SOME))
def test_everything_else_is_open_to_every_role(role: Role, permission: Permission) -> None:
    viewer(role).require(permission)


def test_what_is_not_allowed_is_said_in_words() -> None:
    with pytest.raises(NotAllowed, match="a regulator may not handle quarantine"):
        viewer(Role.REGULATOR).require(Permission.HANDLE_QUARANTINE)


@pytest.mark.parametrize(
    ("role", "sees_elsewhere"), [(Role.MANAGER, False), (Role.REGULATOR, True), (Role.ADMIN, True)]
)
def test_a_manager_sees_one_market_only(role: Role, sees_elsewhere: bool) -> None:
    assert viewer(role).sees(HERE)
    assert viewer(role).sees(ELSEWHERE) is sees_elsewhere


def test_a_manager_without_a_market_sees_nothing_instead_of_everything() -> None:
    with pytest.raises(NotAllowed, match="without a market"):
        scope_of(Role.MANAGER, None)


def test_narrowing_to_another_market_is_not_found() -> None:
    assert viewer(Role.MANAGER).narrow(None) == HERE
    assert viewer(Role.REGULATOR).narrow(None) is None
    assert viewer(Role.REGULATOR).narrow(ELSEWHERE) == ELSEWHERE
    with pytest.raises(NotFound):
        viewer(Role.MANAGER).narrow(ELSEWHERE)

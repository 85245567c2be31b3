"""What a market traded in a day: on pages, as a file, through the API; and what of it becomes a reference, by whom."""

import csv
import io
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from psycopg import Connection

from pricing.traded import quartiles
from tests.integration.test_schema import row
from tests.stored import store_rows
from tests.web_service import furnished_service, visiting
from tests.web_world import CRAB, ELSEWHERE, GROUPER, HERE, SHANGHAI, sign_in


def noon(days_back: int) -> datetime:
    day = datetime.now(SHANGHAI).date() - timedelta(days=days_back)
    return datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI).astimezone(UTC)


def sell(conn: Connection, prices: list[int], *, days_back: int = 1, **fields: object) -> None:
    """Sales of 1 kg of the grouper at so many fen per kg; commit."""
    began = conn.execute("SELECT coalesce(max(seq), 0) FROM weighings").fetchone()
    first = int(began[0]) + 1 if began else 1
    rows = [
        {
            **row(seq % 256),
            "market_id": HERE,
            "seq": seq,
            "weighed_at": noon(days_back) + timedelta(seconds=seq),
            "species_code": GROUPER,
            "unit_price_fen": fen,
            "unit_price_fen_per_kg": fen,
            **fields,
        }
        for seq, fen in enumerate(prices, start=first)
    ]
    store_rows(conn, rows)
    conn.commit()


def yesterday() -> str:
    return (datetime.now(SHANGHAI).date() - timedelta(days=1)).isoformat()


@given(st.dictionaries(st.integers(1, 50), st.integers(1, 9), min_size=1))
def test_quartiles_are_the_lowest_prices_that_so_many_did_not_exceed(counted: dict[int, int]) -> None:
    asked = sorted(price for price, times in counted.items() for _ in range(times))
    expected = tuple(asked[-(-len(asked) * quarter // 4) - 1] for quarter in (1, 2, 3))
    assert quartiles(list(counted.items())) == expected


def test_of_nothing_there_are_no_quartiles() -> None:
    assert quartiles([]) is None


def test_a_day_stands_against_its_cap_and_the_day_before(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        sell(conn, [50_000, 60_000, 62_000, 66_000], cap_fen=63_000, cap_unit="kg")
        sell(conn, [70_000], cap_fen=63_000, cap_unit="kg", verdict="over")
        sell(conn, [50_000], days_back=2)
        sell(
            conn,
            [9_000],
            species_code=CRAB,
            grade="大",
            price_unit="piece",
            unit_price_fen_per_kg=None,
            pieces=1,
        )
        with visiting(address, sign_in(conn, "manager")) as client:
            api = client.get("/api/v1/trends", params={"day": yesterday()}).json()
            grouper, crab = sorted(api["goods"], key=lambda one: one["species_code"], reverse=True)
            assert (grouper["today"]["lower_fen"], grouper["today"]["median_fen"], grouper["today"]["upper_fen"]) == (
                60_000,
                62_000,
                66_000,
            )
            assert (grouper["today"]["weighings"], grouper["today"]["over_cap"]) == (5, 1)
            assert (grouper["against_cap_permille"], grouper["against_before_permille"]) == (-16, 240)
            assert (crab["unit"], crab["grade"], crab["before"], crab["against_cap_permille"]) == (
                "piece",
                "大",
                None,
                None,
            )
            page = client.get(f"/trends?day={yesterday()}").text
            assert 'class="strip-cap"' in page
            assert "▲ 24%" in page
            assert "▼ 1.6%" in page
            assert 'style="' not in page
            file = client.get(f"/trends.csv?day={yesterday()}")
            assert file.headers["content-disposition"].endswith(f'trends-{HERE}-{yesterday()}.csv"')
            lines = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
            found = {line["species"]: line for line in lines}
            assert (found[GROUPER]["median_yuan"], found[GROUPER]["median_before_yuan"]) == ("620.00", "500.00")
            assert (found[GROUPER]["highest_cap_yuan"], found[CRAB]["unit"]) == ("630.00", "piece")


def test_only_days_that_were_and_markets_that_are_seen(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address, sign_in(conn, "manager")) as client:
        tomorrow = datetime.now(SHANGHAI).date() + timedelta(days=1)
        assert client.get(f"/trends?day={tomorrow}").status_code == 422
        assert client.get("/api/v1/trends", params={"day": "0001-01-01"}).status_code == 422
        assert client.get(f"/trends?market={ELSEWHERE}").status_code == 404
        assert "当日没有成交" in client.get("/trends").text


def test_what_a_scale_calls_its_goods_is_no_formula(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn), visiting(address, sign_in(conn, "manager")) as client:
        sell(conn, [100], grade="=1+1")
        text = client.get(f"/trends.csv?day={yesterday()}").text
        assert ",'=1+1," in text


def references(conn: Connection) -> list[tuple[object, ...]]:
    return conn.execute(
        "SELECT area, species_code, day, price_fen, price_unit, entered_by, source FROM wholesale_references"
    ).fetchall()


def test_a_proposal_is_the_median_without_the_markup_and_a_person_takes_it_over(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        sell(conn, [23_000] * 3)
        conn.execute(
            "INSERT INTO markup_rates (area, category, valid, markup_permille, allowance_permille, ceiling_fen_per_kg,"
            " source, entered_by, entered_at)"
            " VALUES ('sanya', 'fish', '[2020-01-01,)', 1900, 100, 60000, 's', 'x', now())"
        )
        conn.commit()
        visitor = sign_in(conn, "regulator")
        where = f"/trends/references?market={HERE}&day={yesterday()}"
        with visiting(address, visitor) as client:
            [proposal] = client.get("/api/v1/trends/references", params={"market": HERE, "day": yesterday()}).json()
            # 230.00 / 1.1 / 2.9 = 72.10 yuan/kg: 36.05 yuan/500 g, the official example backwards.
            assert (proposal["median_fen"], proposal["proposed_fen"], proposal["published"]) == (23_000, 7_210, None)
            form = {"csrf_token": visitor.csrf, "species": GROUPER, "grade": "", "unit": "kg", "seen": "7210"}
            assert client.post(where, data=form | {"seen": "7211"}).status_code == 409
            assert references(conn) == []
            assert client.post(where, data=form).status_code == 303
            taken = references(conn)
            day = date.fromisoformat(yesterday())
            assert [one[:6] for one in taken] == [("sanya", GROUPER, day, 7_210, "kg", "regulator")]
            assert "median of 3 weighings" in str(taken[0][6])
            assert client.post(where, data=form).status_code == 409  # it is there already, and stays
            page = client.get(where).text
            assert "采用</button>" not in page
            assert "regulator" in page
        manager = sign_in(conn, "manager")
        with visiting(address, manager) as client:
            assert client.post(where, data=form | {"csrf_token": manager.csrf}).status_code == 403
            assert client.get(where).status_code == 200


def test_a_published_reference_is_never_overwritten(database_url: str) -> None:
    with furnished_service(database_url) as (address, conn):
        sell(conn, [23_000])
        conn.execute(
            "INSERT INTO wholesale_references (area, species_code, day, price_fen, published_as, source, entered_by,"
            " entered_at) VALUES ('sanya', %s, %s, 8000, '40', 'the bureau', 'clerk', now())",
            [GROUPER, yesterday()],
        )
        conn.commit()
        visitor = sign_in(conn, "admin")
        with visiting(address, visitor) as client:
            where = {"market": HERE, "day": yesterday()}
            [proposal] = client.get("/api/v1/trends/references", params=where).json()
            # No rate is in force here: the median as it is.
            assert (proposal["proposed_fen"], proposal["markup_permille"]) == (23_000, None)
            assert proposal["published"]["price_fen"] == 8_000
            body = {"species_code": GROUPER, "unit": "kg", "seen_fen": 23_000}
            answer = client.post("/api/v1/trends/references", params=where, json=body, headers=visitor.bearer)
            assert answer.status_code == 422
        assert [one[3] for one in references(conn)] == [8_000]


@pytest.mark.parametrize("path", ["/trends", "/trends/references", "/trends.csv", "/caps/scales"])
def test_nobody_sees_it_without_signing_in(database_url: str, path: str) -> None:
    with furnished_service(database_url) as (address, _), visiting(address) as client:
        assert client.get(path).status_code in (303, 401)

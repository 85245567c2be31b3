"""A vendor's portrait on the pages and through the API: who sees it, what it tells of others, where numbers lead."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import httpx
import psycopg
import pytest
from psycopg import Connection

from domain.ids import VendorId
from domain.portrait import Axis
from supervision.inspections import vendor_page
from tests.integration.test_portraits import CROWD, ENOUGH, complain, ordered, verify
from tests.portrait_world import LAST, MARKET, NIGHT, SINCE, make, open_market, settle, trade, weekdays
from tests.web_service import config_for, serving, visiting
from tests.web_world import HERE, USERS, furnish, sign_in

DAY = timedelta(days=1)
PAGE = f"/vendors/{MARKET}/V/portrait"
API = f"/api/v1/vendors/{MARKET}/V/portrait"


def its_weight(n: int) -> int:
    """What the nth of the crowd sells at once, in grams: so that the middle of two is never a third's."""
    return 104_729 + (7 << n)


class Market:
    """A furnished market of fish sellers whose portraits were made, and a browser of a regulator."""

    def __init__(self, conn: Connection, address: str, client: httpx.Client) -> None:
        self.conn, self.address, self.client = conn, address, client

    def page(self, axis: Axis | None = None, *, vendor: str = "V", language: str = "en") -> str:
        self.client.cookies.set("steelyard-language", language)
        path = PAGE.replace("/V/", f"/{vendor}/") + (f"/{axis}" if axis else "")
        answer = self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text


@pytest.fixture
def market(database_url: str) -> Iterator[Market]:
    with psycopg.connect(database_url) as conn:
        furnish(conn)
        found = open_market(conn)
        settle(conn, [*CROWD, "V", "idle"])
        for n, vendor in enumerate(CROWD):
            trade(conn, vendor, days=weekdays(every=2), a_day=4, net_g=its_weight(n), over=2)
        trade(conn, "V", days=weekdays(every=2), a_day=4, near=2)
        conn.execute("INSERT INTO vendors (market_id, vendor_id, name) VALUES (%s, 'none', 'n')", [MARKET])
        verify(conn, "S-V", SINCE - DAY, SINCE + 400 * DAY)
        complain(conn, "closed", "upheld")
        complain(conn, "investigating", None)
        ordered(conn, LAST - 9 * DAY, state="closed", ended=datetime(2026, 11, 12, 5, tzinfo=UTC))
        make(conn, found)
        visitor = sign_in(conn, "regulator")
        with serving(config_for(database_url)) as address, visiting(address, visitor) as client:
            yield Market(conn, address, client)


def test_each_axis_says_where_it_stands_and_leads_to_what_it_is_made_of(market: Market) -> None:
    text = market.page()
    assert f"no worse than 0% of {ENOUGH} peers" in text
    assert f"no worse than 100% of {ENOUGH} peers" in text
    assert "reference example (参考样式)" in text
    for axis in Axis:
        assert f'href="{PAGE}/{axis}"' in text
        assert "<h1>" in market.page(axis)
    assert market.client.get(f"{PAGE}/beauty").status_code == 422


def test_what_is_not_known_is_said_and_not_drawn(market: Market) -> None:
    text = market.page()
    assert text.count('class="radar-dot"') == 4
    assert text.count("not compared") == 2
    assert text.count("Peers with this figure: 0.") == 2
    idle = market.page(vendor="idle")
    assert 'class="radar-dot"' not in idle
    assert idle.count("It sold nothing in this time.") == 3
    assert "This vendor has no portrait." in market.page(vendor="none")


def test_charts_have_their_figures_in_tables_and_nothing_inline(market: Market) -> None:
    for language in ("en", "zh"):
        text = market.page(language=language)
        assert text.count("data-trend=") == 3
        assert text.count('class="cell-week"') == 13
        assert text.count("data-axis=") == 6
        assert not re.search(r"style=|<script>|\son\w+=", text)


def test_of_others_nothing_but_quartiles_is_told(market: Market) -> None:
    """Neither their names nor their numbers, nor a weight that one of them sold."""
    seen = [market.page(), *(market.page(axis) for axis in Axis), market.client.get(API).text]
    days = len(weekdays(every=2))
    own = {str(times * its_weight(n)) for n in range(ENOUGH) for times in (1, 4, 4 * days)}
    for text in seen:
        assert not [vendor for vendor in CROWD if vendor in text]
        assert not [weight for weight in own if weight in text.replace(",", "").replace(".", "")]


def test_the_api_says_the_same_and_names_what_was_counted(market: Market) -> None:
    said = market.client.get(API).json()
    assert said["made"]["policy_version"]
    portrait = said["portrait"]
    by_axis = {one["axis"]: one for one in portrait["axes"]}
    assert list(by_axis) == [axis.value for axis in Axis]
    assert (by_axis["prices"]["value"], by_axis["prices"]["rank_permille"]) == (500, 1000)
    assert by_axis["prices"]["quartiles"]["vendors"] == ENOUGH + 1
    assert by_axis["response"]["quartiles"] is None
    assert (len(portrait["upheld_complaints"]), len(portrait["undecided_complaints"])) == (1, 1)
    assert len(portrait["in_time_alerts"]) == 1
    assert portrait["scales"] == [{"scale_id": "S-V", "days": 91, "verified_days": 91}]
    assert sum(one["sales"] for one in portrait["days"]) == by_axis["complaints"]["whole"]
    assert sum(one["net_g"] for one in portrait["weeks"]) == by_axis["volume"]["part"]
    idle = market.client.get(API.replace("/V/", "/idle/")).json()["portrait"]
    assert (idle["goods"], idle["days"]) == (None, [])
    assert market.client.get(API.replace("/V/", "/none/")).json()["portrait"] is None


def test_numbers_lead_to_complaints_alerts_scales_and_days(market: Market) -> None:
    said = market.client.get(API).json()["portrait"]
    assert f'href="/complaints/{said["upheld_complaints"][0]}"' in market.page(Axis.COMPLAINTS)
    assert f'href="/alerts/{said["in_time_alerts"][0]}"' in market.page(Axis.RESPONSE)
    assert f'href="/registry/scales/{MARKET}/S-V"' in market.page(Axis.VERIFICATION)
    volume = market.page(Axis.VOLUME)
    assert volume.count("/trends?market=") == 46
    assert market.page(Axis.PRICES).count("/trends?market=") == 46
    address = re.search(r'href="(/trends\?[^"]+)"', volume)
    assert address is not None
    assert market.client.get(address[1].replace("&amp;", "&")).status_code == 200


def test_a_register_that_changed_since_is_told_of(market: Market) -> None:
    assert "the register was changed" not in market.page(Axis.SCALE_USE)
    market.conn.execute("DELETE FROM vendor_days WHERE vendor_id = 'V' AND business_day = %s", [SINCE])
    market.conn.execute("DELETE FROM scale_bindings WHERE vendor_id = 'V'")
    market.conn.commit()
    assert "the register was changed for these days" in market.page(Axis.SCALE_USE)


@pytest.mark.parametrize("user", sorted(USERS))
def test_a_portrait_is_seen_by_whoever_sees_the_vendors_report(market: Market, user: str) -> None:
    """The manager is of another market, so for them there is no such vendor."""
    visitor = sign_in(market.conn, user)
    sees = USERS[user] in (None, MARKET)
    with visiting(market.address, visitor) as client:
        for path in (PAGE, f"{PAGE}/volume", API):
            assert client.get(path).status_code == (200 if sees else 404), path
        assert client.get(PAGE.replace("/V/", "/nobody/")).status_code == 404
        assert client.get(f"/vendors/{HERE}/V001/portrait").status_code == 200
        assert client.get(f"/vendors/{HERE}/V001/portrait/volume").status_code == 404


def test_the_vendor_itself_sees_it_by_its_code_and_nothing_leads_behind_the_counter(market: Market) -> None:
    code = vendor_page.issue(market.conn, MARKET, VendorId("V"), by="regulator", at=NIGHT)
    market.conn.commit()
    with visiting(market.address) as client:
        answer = client.get(f"/v/{code}/portrait", headers={"cookie": "steelyard-language=en"})
        assert f"no worse than 100% of {ENOUGH} peers" in answer.text
        assert not re.search(r'href="/(vendors|alerts|complaints|registry|trends)', answer.text)
        assert not [vendor for vendor in CROWD if vendor in answer.text]
        assert f'href="/v/{code}/portrait"' in client.get(f"/v/{code}").text
        assert client.get(f"/v/{'x' * 32}/portrait").status_code == 404


def test_a_market_whose_portraits_were_never_made_says_so(market: Market) -> None:
    market.client.cookies.set("steelyard-language", "en")
    text = market.client.get(f"/vendors/{HERE}/V001/portrait").text
    assert "No portrait has been made in this market yet." in text
    said = market.client.get(f"/api/v1/vendors/{HERE}/V001/portrait").json()
    assert (said["made"], said["portrait"]) == (None, None)

"""Searches page by page, single trials, and the version of the data."""

from __future__ import annotations

import json

import pytest
from registry.fetch.server import Registry, body, status, study

from trialpool.errors import FetchError, OptionError
from trialpool.registry.fetch import API, Client, Query, RefusedError, UnknownTrialError

ASTHMA = Query("asthma", phases=("2", "3"), statuses=("completed",), with_results=True)


def ids(pages) -> list[str]:
    studies = [study for page in pages for study in json.loads(page.body)["studies"]]
    return [study["protocolSection"]["identificationModule"]["nctId"] for study in studies]


ALL = [f"NCT{number:08d}" for number in range(1, 13)]


# --- searching --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("page_size", "pages"), [(1, 12), (5, 3), (6, 2), (12, 1), (100, 1)])
def test_every_page_comes_once_and_in_order(client, registry, page_size, pages):
    found = list(client.search(ASTHMA, page_size=page_size))
    assert ids(found) == ALL
    assert [page.trials for page in found] == [min(page_size, 12 - i * page_size) for i in range(pages)]
    assert [page.total for page in found] == [12, *[None] * (pages - 1)]
    assert [page.next_token is None for page in found] == [*[False] * (pages - 1), True]
    assert len(registry.asked) == pages


def test_all_parameters_but_the_place_stay_the_same(client, registry):
    list(client.search(ASTHMA, page_size=5))
    first, *others = [dict(asked.parameters) for asked in registry.searches]
    assert first.pop("countTotal") == "true"
    assert len({other.pop("pageToken") for other in others}) == 2
    assert others == [first, first]
    assert first == {
        "format": "json",
        "query.cond": "asthma",
        "filter.overallStatus": "COMPLETED",
        "filter.advanced": "AREA[Phase](PHASE2 OR PHASE3)",
        "aggFilters": "results:with",
        "pageSize": "5",
    }


def test_an_empty_page_is_not_the_end(client, registry):
    registry.empty_pages_before = {0, 5}
    found = list(client.search(ASTHMA, page_size=5))
    assert [page.trials for page in found] == [0, 5, 0, 5, 2]
    assert ids(found) == ALL


def test_nothing_found_is_one_empty_page(client, registry):
    registry.records.clear()
    (page,) = client.search(ASTHMA)
    assert (page.trials, page.total, page.next_token) == (0, 0, None)


def test_a_page_is_asked_for_only_when_it_is_wanted(client, registry):
    pages = client.search(ASTHMA, page_size=5)
    next(pages)
    assert len(registry.asked) == 1


def test_a_search_goes_on_from_a_token_with_pages_of_another_size(client):
    first = next(client.search(ASTHMA, page_size=5))
    rest = list(client.search(ASTHMA, page_size=3, token=first.next_token))
    assert ids(rest) == ALL[5:]


def test_a_token_belongs_to_its_search(client):
    first = next(client.search(ASTHMA, page_size=5))
    with pytest.raises(RefusedError, match="Invalid page token"):
        next(client.search(Query("copd"), token=first.next_token))


def test_text_reaches_the_registry_as_it_was_typed(client, registry):
    text = 'AREA[InterventionName]"a&b=c+d" OR é 東京 #%20'
    next(client.search(Query(intervention=text)))
    assert registry.asked[0].parameters["query.intr"] == text


def page_with(token: object) -> bytes:
    return json.dumps({"studies": [study(1)], "nextPageToken": token}).encode()


def test_a_token_that_leads_back_is_an_error_after_its_page(client, registry):
    registry.faults = [body(page_with(token)) for token in ("a", "b", "a", "b")]
    pages = client.search(ASTHMA)
    for _ in range(3):
        next(pages)
    with pytest.raises(FetchError, match="condition 'asthma'.* leads back to a page that came already"):
        next(pages)
    assert len(registry.asked) == 3


def test_a_token_that_leads_back_to_where_a_stopped_search_began_again(client, registry):
    registry.faults = [body(page_with("b")), body(page_with("a"))]
    pages = client.search(ASTHMA, token="a")
    with pytest.raises(FetchError, match="leads back"):
        list(pages)
    assert len(registry.asked) == 2


def test_empty_pages_without_end_are_an_error(client, registry):
    registry.faults = [body(json.dumps({"studies": [], "nextPageToken": str(i)}).encode()) for i in range(200)]
    with pytest.raises(FetchError, match="from empty page to empty page"):
        list(client.search(ASTHMA))


@pytest.mark.parametrize("page_size", [0, -1, 1001])
def test_page_size_that_the_registry_would_change_is_refused(client, registry, page_size):
    with pytest.raises(OptionError, match="from 1 to 1,000"):
        next(client.search(ASTHMA, page_size=page_size))
    assert registry.asked == []


@pytest.mark.parametrize(
    "document", [{}, {"studies": {}}, {"studies": [], "nextPageToken": 7}, {"protocolSection": {}}]
)
def test_another_kind_of_answer_is_an_error(client, registry, document):
    registry.faults = [body(json.dumps(document).encode())]
    with pytest.raises(FetchError, match="is this the API of ClinicalTrials.gov"):
        list(client.search(ASTHMA))


def test_a_total_that_is_no_number_is_none(client, registry):
    registry.faults = [body(b'{"studies": [], "totalCount": "many"}')]
    (page,) = client.search(ASTHMA)
    assert page.total is None


def test_bytes_that_are_not_utf_8_stay_as_they_came(client, registry):
    content = page_with(None).replace(b"Drug in asthma", b"Drug in asthm\xe9 \xff\xfe")
    registry.faults = [body(content)]
    (page,) = client.search(ASTHMA)
    assert (page.body, page.trials, page.next_token) == (content, 1, None)


# --- single trials ----------------------------------------------------------------------------------------------------


def test_a_trial_by_its_identifier(client, registry):
    found = client.study(" nct3")
    assert (found.asked, found.nct_id) == ("NCT00000003", "NCT00000003")
    assert json.loads(found.body) == registry.records[2]


def test_an_obsolete_identifier_leads_to_the_record_that_replaced_it(client, registry, time):
    registry.aliases = {"NCT00000099": "NCT00000005"}
    found = client.study("NCT00000099")
    assert (found.asked, found.nct_id) == ("NCT00000099", "NCT00000005")
    assert [asked.path[-11:] for asked in registry.asked] == ["NCT00000099", "NCT00000005"]
    assert time.slept == [1.0]


def test_a_mirror_that_gives_the_replacing_record_at_once(client, registry):
    registry.faults = [body(json.dumps(study(7)).encode())]
    assert client.study("NCT00000099").nct_id == "NCT00000007"


def test_an_unknown_trial(client, registry):
    with pytest.raises(UnknownTrialError, match="NCT00000404: the registry has no trial of this identifier"):
        client.study("NCT00000404")
    assert len(registry.asked) == 1


def test_an_identifier_that_is_none_is_not_asked_for(client, registry):
    with pytest.raises(OptionError, match="not an identifier"):
        client.study("NCT1/../../version")
    assert registry.asked == []


def test_redirections_that_lead_in_a_circle_end(client, registry):
    registry.aliases = {"NCT00000098": "NCT00000099", "NCT00000099": "NCT00000098"}
    with pytest.raises(FetchError, match="answers 301 and leads to"):
        client.study("NCT00000099")
    assert len(registry.asked) == 6


@pytest.mark.parametrize("target", ["http://example.org/api/v2/studies/NCT1", "//example.org/x", "file:///etc/passwd"])
def test_a_redirection_to_another_server_is_not_followed(client, registry, target):
    registry.faults = [status(301, Location=target)]
    with pytest.raises(FetchError, match="leads to another server"):
        client.study("NCT00000001")
    assert len(registry.asked) == 1


def test_a_search_that_is_led_elsewhere_says_where(client, registry):
    registry.faults = [status(302, Location="/login")]
    with pytest.raises(FetchError, match="answers 302 and leads to /login; is the address right"):
        list(client.search(ASTHMA))


@pytest.mark.parametrize(
    "document", [{}, {"protocolSection": []}, {"protocolSection": {"identificationModule": {"nctId": 7}}}]
)
def test_an_answer_that_is_no_record(client, registry, document):
    registry.faults = [body(json.dumps(document).encode())]
    with pytest.raises(FetchError, match="NCT00000001: .* is no record of a trial"):
        client.study("NCT00000001")


def test_an_answer_with_an_identifier_that_is_a_path(client, registry):
    registry.faults = [body(json.dumps({"protocolSection": {"identificationModule": {"nctId": "../../x"}}}).encode())]
    with pytest.raises(FetchError, match="is no record of a trial"):
        client.study("NCT00000001")


def test_real_records_come_as_they_are(client, registry: Registry, raw_record):
    registry.records[:] = [raw_record("NCT00067236"), raw_record("NCT00094302")]
    registry.compressed = True
    (page,) = client.search(ASTHMA)
    assert json.loads(page.body)["studies"] == registry.records
    assert json.loads(client.study("NCT00094302").body) == registry.records[1]


# --- version and address ----------------------------------------------------------------------------------------------


def test_version_of_api_and_data(client, registry):
    version = client.version()
    assert (version.api, version.data) == ("2.0.5", registry.data_version)


@pytest.mark.parametrize("document", [b"{}", b'{"dataTimestamp": 2026}', b'{"dataTimestamp": ""}'])
def test_version_that_is_not_said(client, registry, document):
    registry.faults = [body(document)]
    with pytest.raises(FetchError, match="does not say of when the data are"):
        client.version()


@pytest.mark.parametrize("api", [API, f"{API}/", f" {API}// ", "http://localhost:8000/api/v2"])
def test_address(api):
    with Client(api) as client:
        assert client.api == api.strip().rstrip("/")


@pytest.mark.parametrize(
    "api",
    ["", "clinicaltrials.gov", "ftp://x/y", "https://", f"{API}?a=b", f"{API}#a", "http://x:99999/", "http://[x/"],
)
def test_what_is_no_address(api):
    with pytest.raises(OptionError, match="is not the address of an API"):
        Client(api)


def test_a_password_in_the_address_is_refused_and_not_repeated():
    with pytest.raises(OptionError, match="user name or password") as caught:
        Client("https://ann:secret@example.org/api/v2")
    assert "secret" not in str(caught.value)

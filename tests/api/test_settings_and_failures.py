"""Settings from the environment, and the table from errors to statuses and exit codes."""

from __future__ import annotations

import pytest

from api.failures import exit_code_of, shape_of, shape_of_validation, status_of
from api.settings import Settings
from index import errors
from index.errors import InvalidSetting, PinciteError


def test_defaults_need_no_environment() -> None:
    assert Settings.from_environment({}) == Settings()
    assert (Settings().library, Settings().host, Settings().port) == ("./library", "127.0.0.1", 8000)


def test_the_environment_overrules_defaults_and_flags_overrule_it() -> None:
    settings = Settings.from_environment({"PINCITE_LIBRARY": "/lib", "PINCITE_PORT": "9000", "PORT": "7000"})
    assert (settings.library, settings.port) == ("/lib", 9000)
    assert settings.with_values(port=1234, library=None) == Settings(library="/lib", port=1234)


def test_port_counts_where_pincite_port_is_not_set() -> None:
    assert Settings.from_environment({"PORT": "7000"}).port == 7000
    assert Settings.from_environment({"PORT": "", "PINCITE_HOST": ""}) == Settings()


def test_an_empty_reranker_means_none() -> None:
    assert Settings.from_environment({"PINCITE_RERANKER": ""}).reranker == ""
    assert Settings.from_environment({}).reranker == "ms-marco-MiniLM-L12-v2"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PINCITE_PORT", "eight"),
        ("PINCITE_PORT", "65536"),
        ("PINCITE_PORT", "-1"),
        ("PINCITE_DEVICE", "toaster"),
        ("PINCITE_PRECISION", "int3"),
        ("PINCITE_BACKEND", "onnx"),
        ("PINCITE_MAX_BODY_MB", "0"),
        ("PINCITE_OPEN", "perhaps"),
        ("PINCITE_REQUESTS_PER_MINUTE", "-1"),
    ],
)
def test_a_wrong_value_names_its_variable(variable: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=f"{variable} is '{value}'") as caught:
        Settings.from_environment({variable: value})
    assert caught.value.detail == {"field": variable}


@pytest.mark.parametrize(
    ("error", "status", "exit_code"),
    [
        (errors.InvalidQuery("x", field="query"), 422, 2),
        (errors.InvalidCitation("x"), 404, 2),
        (errors.TooLarge("x"), 413, 2),
        (errors.Unreadable("empty", origin="a.txt", record=3), 422, 1),
        (errors.ArticleNotFound("x"), 404, 1),
        (errors.KeyRequired("x"), 401, 1),
        (errors.ScopeRequired("x"), 403, 1),
        (errors.CollectionNotFound("x"), 404, 1),
        (errors.TooManyRequests("x"), 429, 1),
        (errors.HostRefused("x"), 421, 1),
        (errors.OriginRefused("x"), 403, 1),
        (errors.BodyTooSlow("x"), 408, 1),
        (errors.TimedOut("x"), 503, 1),
        (errors.Cancelled("x"), 503, 1),
        (errors.LibraryMissing("x"), 503, 1),
        (errors.LibraryBusy("x"), 503, 1),
        (errors.FingerprintMismatch("x"), 409, 1),
        (errors.LibraryDamaged("x"), 500, 1),
        (errors.ModelUnknown("x"), 503, 1),
        (errors.MissingExtra("x"), 501, 1),
        (PinciteError("x"), 500, 1),
    ],
)
def test_each_error_has_its_status_and_exit_code(error: PinciteError, status: int, exit_code: int) -> None:
    assert (status_of(error), exit_code_of(error)) == (status, exit_code)


def test_every_error_of_the_tree_has_a_code_of_its_own() -> None:
    def family(kind: type[PinciteError]) -> list[type[PinciteError]]:
        return [kind, *(one for child in kind.__subclasses__() for one in family(child))]

    kinds = family(PinciteError)
    assert len({kind.code for kind in kinds}) == len(kinds)


def test_the_error_shape() -> None:
    error = errors.Unreadable("no text in it", origin="a/b.txt", record=3)
    assert shape_of(error) == {
        "error": {
            "code": "unreadable",
            "message": "a/b.txt, record 3: no text in it",
            "detail": {"origin": "a/b.txt", "record": 3, "reason": "no text in it"},
        }
    }


@pytest.mark.parametrize(
    ("location", "field"),
    [
        (("body", "filters", "sources", 0), "filters.sources.0"),
        (("query", "limit"), "limit"),
        (("body", 17), "body"),
        (("body",), "body"),
        (("body", "filters", "\ud800"), "filters.?"),
    ],
)
def test_schema_errors_name_the_field(location: tuple[object, ...], field: str) -> None:
    found = shape_of_validation([{"loc": location, "msg": "Input is wrong", "input": "\ud800"}])["error"]
    assert found["detail"]["field"] == field
    assert found["message"] == f"{field}: Input is wrong."
    assert "input" not in found["detail"]["fields"][0]

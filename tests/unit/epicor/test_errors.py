"""The four shapes of an error body."""

import json

import pytest

from apps.epicor.errors import read_complaint


class TestReadComplaint:
    def test_main_body(self) -> None:
        body = {
            "HttpStatus": 400, "ReasonPhrase": "REST API Exception", "ErrorMessage": "Job is\n not released.",
            "ErrorType": "Ice.BLException", "ErrorDetails": [], "CorrelationId": "abc",
        }  # fmt: skip

        said = read_complaint(json.dumps(body), "application/json")

        assert (said.text, said.kind, said.correlation_id) == ("Job is not released.", "Ice.BLException", "abc")

    def test_short_body(self) -> None:
        assert read_complaint('{"HttpStatus":401,"ReasonPhrase":"Unauthorized"}', "").text == "Unauthorized"

    @pytest.mark.parametrize(
        "body",
        [
            {"error": {"code": "c", "message": "Not found", "innererror": {}}},
            {"odata.error": {"code": "c", "message": {"lang": "en-US", "value": "Not found"}}},
        ],
    )
    def test_odata_bodies(self, body: object) -> None:
        said = read_complaint(json.dumps(body), "application/json")

        assert (said.text, said.kind) == ("Not found", "c")

    @pytest.mark.parametrize("content_type", ["text/html", ""])
    def test_a_page_is_named_and_not_shown(self, content_type: str) -> None:
        assert "<h1>" not in read_complaint("<html><h1>503</h1></html>", content_type).text

    @pytest.mark.parametrize("body", ["", "[]", "null", '"text"', "{}", '{"error": 5}', '{"error": {"message": null}}'])
    def test_anything_else_is_survived(self, body: str) -> None:
        assert isinstance(read_complaint(body, "application/json").text, str)

    def test_is_cut(self) -> None:
        assert len(read_complaint("x" * 10_000, "text/plain").text) == 300

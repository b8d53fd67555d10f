"""Open data: the same rows as CSV and JSON, and their descriptions, made from the table of fields."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from chuan.core.ui.answers import JsonAnswer
from chuan.core.ui.site import site
from chuan.flows.portal.parsing.fields import JSON_TYPES, Field, Resource, resources
from chuan.flows.portal.queries import public
from chuan.flows.portal.web.caching import shown_to_everybody

# A spreadsheet would take these for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_BOM = "\ufeff"  # Excel reads UTF-8 only with it
LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@shown_to_everybody
def as_json(request: HttpRequest, resource: str) -> HttpResponseBase:
    known = _known(resource)
    body = {
        "resource": known.name,
        "as_of": _as_of(),
        "documentation": settings.CHUAN_URL + reverse("portal:data"),
        "data": public.rows_of(resource),
    }
    return _json(body)


@shown_to_everybody
def as_csv(request: HttpRequest, resource: str) -> HttpResponseBase:
    known = _known(resource)
    out = io.StringIO()
    out.write(_BOM)
    writer = csv.writer(out)
    names = [field.name for field in known.fields]
    writer.writerow(names)
    for row in public.rows_of(resource):
        writer.writerow(_cell(row[name]) for name in names)
    response = HttpResponse(out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{known.name}.csv"'
    return response


@shown_to_everybody
def openapi(request: HttpRequest) -> HttpResponseBase:
    """OpenAPI 3.0.3."""
    return _json(describe_api())


@shown_to_everybody
def dcat(request: HttpRequest) -> HttpResponseBase:
    """DCAT 3 in JSON-LD."""
    return _json(describe_catalogue(), content_type="application/ld+json")


def describe_api() -> dict[str, Any]:
    """The open-data addresses in the words of OpenAPI 3.0.3."""
    return {
        "openapi": "3.0.3",
        "info": {
            "title": f"Chuẩn – {site.province() or 'open data'}",
            "description": (
                "Số liệu đã duyệt và được công khai. / Approved and published data only. "
                "Read-only; no key needed."
            ),
            "version": "1",
            "license": {"name": "CC BY 4.0", "url": LICENCE},
        },
        "servers": [{"url": settings.CHUAN_URL}],
        "paths": {
            _address(resource.name, kind): _path(resource, kind)
            for resource in resources().values()
            for kind in ("json", "csv")
        },
        "components": {
            "schemas": {resource.name: _schema(resource) for resource in resources().values()}
        },
    }


def _path(resource: Resource, kind: str) -> dict[str, Any]:
    rows: dict[str, Any] = {
        "type": "object",
        "required": ["resource", "as_of", "documentation", "data"],
        "properties": {
            "resource": {"type": "string", "enum": [resource.name]},
            "as_of": {"type": "string", "format": "date-time", "nullable": True},
            "documentation": {"type": "string", "format": "uri"},
            "data": {
                "type": "array",
                "items": {"$ref": f"#/components/schemas/{resource.name}"},
            },
        },
    }
    content: dict[str, Any] = (
        {"application/json": {"schema": rows}}
        if kind == "json"
        else {"text/csv": {"schema": {"type": "string"}}}
    )
    return {
        "get": {
            "operationId": f"{resource.name}_{kind}",
            "summary": f"{resource.vi} / {resource.en}",
            "description": f"{resource.about_vi}\n\n{resource.about_en}",
            "responses": {
                "200": {"description": resource.en, "content": content},
                "304": {"description": "The copy named by If-None-Match still holds."},
            },
        }
    }


def _schema(resource: Resource) -> dict[str, Any]:
    return {
        "type": "object",
        "description": f"{resource.about_vi} / {resource.about_en}",
        "required": [field.name for field in resource.fields],
        "additionalProperties": False,
        "properties": {field.name: _property(field) for field in resource.fields},
    }


def _property(field: Field) -> dict[str, Any]:
    described = {**JSON_TYPES[field.type], "description": f"{field.vi} / {field.en}"}
    if field.type in {"date", "decimal"}:
        described["nullable"] = True
    return described


def describe_catalogue() -> dict[str, Any]:
    """The catalogue of the open data, in DCAT's words."""
    here = settings.CHUAN_URL
    as_of = _as_of()
    publisher = {"@type": "foaf:Organization", "foaf:name": str(site.publisher())}
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": here + reverse("portal:dcat"),
        "@type": "dcat:Catalog",
        "dct:title": [
            {"@value": "Dữ liệu mở về thực hiện kế hoạch", "@language": "vi"},
            {"@value": "Open data on carrying out the plans", "@language": "en"},
        ],
        "dct:publisher": publisher,
        "dct:license": {"@id": LICENCE},
        "foaf:homepage": {"@id": here + reverse("portal:home")},
        "dcat:service": {
            "@id": here + reverse("portal:openapi"),
            "@type": "dcat:DataService",
            "dcat:endpointURL": {"@id": here + reverse("portal:data")},
            "dcat:endpointDescription": {"@id": here + reverse("portal:openapi")},
        },
        "dcat:dataset": [
            {
                "@id": f"{here}{reverse('portal:data')}#{resource.name}",
                "@type": "dcat:Dataset",
                "dct:identifier": resource.name,
                "dct:title": [
                    {"@value": resource.vi, "@language": "vi"},
                    {"@value": resource.en, "@language": "en"},
                ],
                "dct:description": [
                    {"@value": resource.about_vi, "@language": "vi"},
                    {"@value": resource.about_en, "@language": "en"},
                ],
                "dct:publisher": publisher,
                "dct:license": {"@id": LICENCE},
                "dct:accessRights": {
                    "@id": "http://publications.europa.eu/resource/authority/access-right/PUBLIC"
                },
                **({"dct:modified": {"@value": as_of, "@type": "xsd:dateTime"}} if as_of else {}),
                "dcat:distribution": [
                    {
                        "@id": here + _address(resource.name, kind),
                        "@type": "dcat:Distribution",
                        "dcat:downloadURL": {"@id": here + _address(resource.name, kind)},
                        "dcat:mediaType": {
                            "@id": f"https://www.iana.org/assignments/media-types/{media_type}"
                        },
                    }
                    for kind, media_type in (("csv", "text/csv"), ("json", "application/json"))
                ],
            }
            for resource in resources().values()
        ],
    }


def _address(resource: str, kind: str) -> str:
    return reverse(f"portal:{kind}", args=[resource])


def _known(resource: str) -> Resource:
    try:
        return resources()[resource]
    except KeyError:
        raise Http404 from None


def _as_of() -> str | None:
    at = public.edition().at
    return at.isoformat() if at else None


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        value = "; ".join(value)
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _json(body: dict[str, Any], content_type: str = "application/json") -> HttpResponse:
    response = JsonAnswer(body)
    response["Content-Type"] = f"{content_type}; charset=utf-8"
    # Open to pages of other sites; there is nothing here that a cookie would open.
    response["Access-Control-Allow-Origin"] = "*"
    return response

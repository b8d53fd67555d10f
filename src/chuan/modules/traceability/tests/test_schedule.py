from datetime import datetime

import pytest

from chuan.modules.traceability.engine.schedule import BadSchedule, read_schedule

# A Sunday.
NOW = "2026-11-22T10:20:30"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"second": "31"}, "2026-11-22T10:20:31"),
        ({"second": "30"}, "2026-11-22T10:21:30"),
        ({"second": "0/30"}, "2026-11-22T10:21:00"),
        ({"second": "[40-45]"}, "2026-11-22T10:20:40"),
        ({"minute": "5", "hour": "1"}, "2026-11-23T01:05:00"),
        ({"minute": "20"}, "2026-11-22T11:20:00"),
        ({"minute": "25,[40-42]"}, "2026-11-22T10:25:00"),
        ({"minute": "*/15"}, "2026-11-22T10:30:00"),
        ({"hour": "10"}, "2026-11-23T10:00:00"),
        ({"hour": 9}, "2026-11-23T09:00:00"),
        ({"dayOfWeek": "1"}, "2026-11-23T00:00:00"),
        ({"dayOfWeek": "7"}, "2026-11-29T00:00:00"),
        ({"dayOfMonth": "31"}, "2026-12-31T00:00:00"),
        ({"dayOfMonth": "29", "month": "2"}, "2028-02-29T00:00:00"),
        ({"dayOfMonth": "29", "month": "2", "dayOfWeek": "1"}, "2044-02-29T00:00:00"),
        ({"hour": "23", "minute": "59", "second": "59", "month": "12"}, "2026-12-01T23:59:59"),
        ({"minute": "10-15"}, "2026-11-22T11:10:00"),
    ],
)
def test_the_next_time_is_the_first_that_fits(fields, expected):
    moment = datetime.fromisoformat(NOW)

    assert read_schedule(fields).next_after(moment) == datetime.fromisoformat(expected)


def test_a_day_that_never_comes():
    schedule = read_schedule({"dayOfMonth": "31", "month": "2"})

    assert schedule.next_after(datetime.fromisoformat(NOW)) is None


@pytest.mark.parametrize(
    "fields",
    [
        *(
            {},
            {"year": "1"},
            {"second": "60"},
            {"hour": "24"},
            {"dayOfMonth": "0"},
            {"month": "13"},
        ),
        *(
            {"dayOfWeek": "8"},
            {"minute": ""},
            {"minute": "x"},
            {"minute": "5-1"},
            {"minute": "[1-5"},
        ),
        *({"minute": "0/0"}, {"minute": "1,,2"}, {"minute": None}, {"minute": ["1"]}),
        *({"minute": "-1"}, {"minute": "1.5"}, {"minute": "٣"}),
    ],
)
def test_what_is_no_schedule_is_refused(fields):
    with pytest.raises(BadSchedule):
        read_schedule(fields)

"""Vietnamese text, numbers and dates: pure Python, no Django, no tables."""

from chuan.lib.vietnamese.dates import (
    WEEKDAYS,
    BadDate,
    DateFault,
    document_date,
    format_date,
    format_weekday_date,
    parse_date,
    weekday_name,
)
from chuan.lib.vietnamese.numbers import (
    LIST_LETTERS,
    BadNumber,
    NumberFault,
    format_number,
    from_roman,
    list_letter,
    pad_number,
    parse_number,
    to_roman,
)
from chuan.lib.vietnamese.text import (
    clean,
    fold,
    nfc,
    person_sort_key,
    same_spelling,
    sort_key,
    spelling_key,
)

__all__ = [
    "LIST_LETTERS",
    "WEEKDAYS",
    "BadDate",
    "BadNumber",
    "DateFault",
    "NumberFault",
    "clean",
    "document_date",
    "fold",
    "format_date",
    "format_number",
    "format_weekday_date",
    "from_roman",
    "list_letter",
    "nfc",
    "pad_number",
    "parse_date",
    "parse_number",
    "person_sort_key",
    "same_spelling",
    "sort_key",
    "spelling_key",
    "to_roman",
    "weekday_name",
]

"""`fold` for the database: immutable, so that a stored generated column and its index can use it."""

from __future__ import annotations

# COLLATE "C": only A–Z become small, whatever locale the server has, as in `text.fold`.
# normalize() needs a database in UTF-8, which is the only one this system creates.
FOLD_FUNCTION_SQL = r"""
CREATE OR REPLACE FUNCTION chuan_fold(text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(translate(
    regexp_replace(normalize($1, NFD) COLLATE "C", '[\u0300-\u036f]', '', 'g'),
    'đĐ', 'dd') COLLATE "C");
"""

DROP_FOLD_FUNCTION_SQL = "DROP FUNCTION IF EXISTS chuan_fold(text);"

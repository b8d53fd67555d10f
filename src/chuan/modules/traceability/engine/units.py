"""Units of measurement that can be told in each other (UN/ECE Recommendation 20, codes of GS1)."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

# code: (kind, factor, offset): base = value × factor + offset
_UNITS: Final = MappingProxyType(
    {
        "KEL": ("temperature", 1.0, 0.0),
        "CEL": ("temperature", 1.0, 273.15),
        "FAH": ("temperature", 5 / 9, 459.67 * 5 / 9),
        "KGM": ("mass", 1.0, 0.0),
        "GRM": ("mass", 1e-3, 0.0),
        "MGM": ("mass", 1e-6, 0.0),
        "TNE": ("mass", 1e3, 0.0),
        "LBR": ("mass", 0.45359237, 0.0),
        "ONZ": ("mass", 0.028349523125, 0.0),
        "MTR": ("length", 1.0, 0.0),
        "CMT": ("length", 1e-2, 0.0),
        "MMT": ("length", 1e-3, 0.0),
        "KMT": ("length", 1e3, 0.0),
        "INH": ("length", 0.0254, 0.0),
        "FOT": ("length", 0.3048, 0.0),
        "MTK": ("area", 1.0, 0.0),
        "CMK": ("area", 1e-4, 0.0),
        "HAR": ("area", 1e4, 0.0),
        "MTQ": ("volume", 1.0, 0.0),
        "LTR": ("volume", 1e-3, 0.0),
        "MLT": ("volume", 1e-6, 0.0),
        "SEC": ("time", 1.0, 0.0),
        "MIN": ("time", 60.0, 0.0),
        "HUR": ("time", 3600.0, 0.0),
        "DAY": ("time", 86400.0, 0.0),
        "MTS": ("speed", 1.0, 0.0),
        "KMH": ("speed", 1 / 3.6, 0.0),
        "PAL": ("pressure", 1.0, 0.0),
        "KPA": ("pressure", 1e3, 0.0),
        "A97": ("pressure", 1e2, 0.0),
        "BAR": ("pressure", 1e5, 0.0),
        "MBR": ("pressure", 1e2, 0.0),
        "JOU": ("energy", 1.0, 0.0),
        "KJO": ("energy", 1e3, 0.0),
        "KWH": ("energy", 3.6e6, 0.0),
        "WTT": ("power", 1.0, 0.0),
        "KWT": ("power", 1e3, 0.0),
        "C62": ("share", 1.0, 0.0),
        "P1": ("share", 1e-2, 0.0),
        "59": ("share", 1e-6, 0.0),
    }
)


def in_base(value: float, uom: str | None) -> tuple[float, str] | None:
    """The value in the base unit of its kind, with the kind; None for units that stand alone."""
    unit = _UNITS.get(uom or "")
    return (value * unit[1] + unit[2], unit[0]) if unit else None

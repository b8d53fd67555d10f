"""Django's formats for Vietnam. Django's own `vi` has no input formats: it reads 05/04/2025 as 4 May
and 1.234 as one and a bit. FORMAT_MODULE_PATH points here."""

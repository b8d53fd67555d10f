"""The pure middle of the module: no database, no clock, no request."""

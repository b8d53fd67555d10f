"""Pages on which a body fills its report in."""

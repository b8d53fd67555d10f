"""Pages on which the department consolidates."""

"""Pages on which a decision is imported."""

"""PostgreSQL from the wheel: one server per folder, shared by every `chuan` process that uses it."""

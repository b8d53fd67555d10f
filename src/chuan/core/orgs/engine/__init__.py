"""Pure: what a reorganisation would do to the register. It is given everything and asks nobody."""

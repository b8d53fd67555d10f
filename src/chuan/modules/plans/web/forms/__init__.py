"""Forms over plans: what people may enter, with messages that say what to do."""

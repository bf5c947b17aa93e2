"""A stateful stand-in for Amazon with a seeded world; shares no code with the connectors it is for."""

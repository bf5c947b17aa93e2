"""A client app of plain tables: with it a client's schema has as many tables as the goal asks for."""

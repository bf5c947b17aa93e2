"""The seeded world: what truly happened in every shop."""

from connectors.simulator.world.generate import Size, World, generate

__all__ = ["Size", "World", "generate"]

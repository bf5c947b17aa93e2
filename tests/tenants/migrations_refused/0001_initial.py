"""The ledger's first migration, as it is."""

from importlib import import_module

Migration = import_module("tenants.ledger.migrations.0001_initial").Migration

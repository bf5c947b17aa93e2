"""Tests of the sampling queue."""

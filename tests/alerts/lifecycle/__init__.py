"""Tests of alerts' life: the decision, who is told, silences, rosters."""

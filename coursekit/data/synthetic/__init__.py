"""The offline sets: generated, seeded, and shaped like the real data sets for which they stand in."""

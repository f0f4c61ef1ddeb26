"""The tests; `tests.make` builds what they need, `tests.oracle` computes every figure a second time."""

"""The plain reading: a slow, brute-force implementation of the contract that judges the real one."""

"""The demo plant: two companies that never existed, told by a story that is the same for the same seed."""

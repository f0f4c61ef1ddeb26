"""Machines behind a real Modbus TCP server, for tests, demos and trying out."""

"""What Jobline costs: one module a question. `python -m bench [NAME]`, or `make bench [ONLY=NAME]`."""

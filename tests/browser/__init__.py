"""Browser tests: a package, so that its plant is made once and gone before other tests run."""

"""Benchmarks: run by hand, each prints its figures and what they rest on."""

"""Measure the shipped path: cases, measures, runs, the gate, reports."""

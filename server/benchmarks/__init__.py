"""Measuring MaskGate against the field and against itself: always two things side by side in one run."""

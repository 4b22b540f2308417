"""The one-stage detector."""

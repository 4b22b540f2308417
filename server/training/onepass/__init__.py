"""MaskGate's own one-stage detector: it finds faces and says what they wear in one pass."""

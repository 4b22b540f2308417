"""MaskGate: finds faces in pictures and says for each one whether a mask is worn."""

__version__ = "0.1.0"

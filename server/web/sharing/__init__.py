"""Sharing a stream with viewers: who shares what, who watches, and the links that lead there."""

"""Seeing: from picture bytes to labelled faces. Knows nothing of the web."""

"""Events and counts; nothing is stored unless switched on, and never a picture."""

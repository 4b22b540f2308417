"""Learning: data, augmentation, architectures, recipes, fitting, measuring, exporting.

Nothing that serves imports it.
"""

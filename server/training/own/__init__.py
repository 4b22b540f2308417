"""A user's own photos, one sub-folder a class, brought into the form of `faces.csv`."""

"""A package, because some files share their names with files of other folders."""

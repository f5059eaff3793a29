"""The first thread, shipped with the package."""

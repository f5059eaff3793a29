"""Other systems, built from their own libraries, for comparison."""

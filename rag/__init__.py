"""Answer questions over threads: library, retrieval, structure, answers, verification. Imports `ingest` only."""

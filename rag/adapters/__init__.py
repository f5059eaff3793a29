"""The only modules that import engines: Chroma, LlamaIndex, sentence-transformers, onnxruntime, xllamacpp."""

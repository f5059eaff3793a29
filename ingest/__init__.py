"""Turn the text of a discussion into a `Thread`: loaders, cleaning, tree repair. No models, no database."""

"""Why a model raised, in words for whoever wrote it."""

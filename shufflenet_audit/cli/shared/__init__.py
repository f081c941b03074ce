"""What several verbs share: arguments, options, output, progress."""

"""Rewrites of a network that a finding proposes, carried out."""

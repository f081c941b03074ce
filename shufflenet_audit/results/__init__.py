"""The result of an audit, its saved form, and what every report says in the same words."""

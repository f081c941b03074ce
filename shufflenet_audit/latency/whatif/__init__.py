"""What a finding would save, measured: its ops against their alternative."""

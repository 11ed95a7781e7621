"""Presets: what each platform calls its columns. One small table a platform, no code."""

"""Passes over whole segments: ordered segments (Y), then means of steps (F)."""

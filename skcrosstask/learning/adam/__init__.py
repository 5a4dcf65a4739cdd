"""Epochs of Adam: components as classifiers, one video at a time."""

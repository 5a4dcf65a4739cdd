"""Feature rows: read, conditioned, and packed where they are worked on."""

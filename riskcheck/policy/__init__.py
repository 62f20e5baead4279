"""The policy file, waivers, freezes: who decides, and what it says."""

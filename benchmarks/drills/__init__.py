"""Drills: what smtop finds, how soon, and what it says where nothing is wrong."""

"""Turns the journals of one session into one episode: gather once, then a pure seal."""

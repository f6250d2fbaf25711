"""Experiments that anyone can run again. They stand beside the packages; nothing imports them."""

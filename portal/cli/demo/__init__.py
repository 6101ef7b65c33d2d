"""`portal demo`: the main job, done on the Merangin plan by people of every role, in a database of its own."""

from portal.cli.demo.command import demo_command

__all__ = ["demo_command"]

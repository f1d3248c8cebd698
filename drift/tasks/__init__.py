"""Tasks: each module makes a :class:`~drift.task.Task` from its constants."""

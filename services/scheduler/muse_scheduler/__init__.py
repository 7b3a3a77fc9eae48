"""The scheduler: plans, tasks, attempts and reuse."""

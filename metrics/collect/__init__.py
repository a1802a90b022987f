"""Discovery, plan, fetch, poll: how the picture of the fleet comes together."""

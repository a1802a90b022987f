"""The command line: one module a family of commands. The app, pandas and aioboto3 are imported when a command runs."""

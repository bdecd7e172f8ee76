"""The running application: command line, composition root, slash commands, scheduled jobs."""

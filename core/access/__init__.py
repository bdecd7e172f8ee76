"""Who may talk with Equerry: owners and groups of each chat app, and strangers."""
